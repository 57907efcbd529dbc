"""Links out of the pages, to routes that the server answers itself, in the same tab."""

import html

import streamlit as st


def same_tab_link(label: str, path: str) -> None:
    """Show a link to a path of this server, such as `/password`, that opens in this tab."""
    st.html(f'<a href="{html.escape(path)}" target="_self" style="color: inherit">{html.escape(label)}</a>')
