"""What the pages fetch from or link to on this server, outside of Streamlit."""

import html

import streamlit as st


def same_tab_link(label: str, path: str) -> None:
    """Show a link to a path of this server, such as `/password`, that opens in this tab."""
    st.html(f'<a href="{html.escape(path)}" target="_self" style="color: inherit">{html.escape(label)}</a>')


def own_words(language: str) -> None:
    """Have Streamlit's own words said in the reader's language, and the page marked with it."""
    with st.sidebar:
        st.html(f'<script src="/app/static/words.js#{language}"></script>', unsafe_allow_javascript=True)
