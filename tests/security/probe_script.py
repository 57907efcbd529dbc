"""A script with everything that an attacker may try to reach past the gate."""

import streamlit as st

user_id = st.user.get("user_id")
st.session_state.setdefault("owner", f"state-of-{user_id}")
st.write(f"main-{user_id}", st.session_state["owner"])


@st.fragment
def part() -> None:
    st.button("again")
    st.write(f"fragment-{user_id}")


part()
st.download_button("file", f"confidential-{user_id}".encode(), file_name="confidential.txt")
st.write(f"number-{st.number_input('number', max_value=500.0)}")
if st.button("fail"):
    raise RuntimeError("private-detail")
