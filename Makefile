PYTHON ?= python3

.PHONY: app test lint docs lock
app test lint docs lock:
	$(PYTHON) run.py $@
