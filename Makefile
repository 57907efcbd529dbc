PYTHON ?= python3

.PHONY: app test coverage lint docs lock
app test coverage lint docs lock:
	$(PYTHON) run.py $@
