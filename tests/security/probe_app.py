"""The real gate and routes in front of `probe_script.py`."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app import downloads, index_page, settings, shared_load, signin
from app.gate import Gate

app = st.App(
    Path(__file__).with_name("probe_script.py"),
    middleware=[Middleware(Gate)],
    routes=[*signin.ROUTES, *index_page.ROUTES, *downloads.ROUTES, *shared_load.ROUTES],
)

if __name__ == "__main__":
    app.run(config=settings.effective_settings(settings.Overrides(port=int(sys.argv[1]))))
