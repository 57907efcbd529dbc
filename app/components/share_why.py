"""Why a share is what it is, from the numbers stored with it."""

import streamlit as st

from app.formats import money
from app.labels import RULES, word
from app.texts import _
from consortium.views_plans import CostShareView


def show_why(share: CostShareView, rule: str) -> None:
    """Say in a few sentences what a share is made of."""
    st.markdown("\n".join(f"- {line}" for line in why_lines(share, rule)))


def why_lines(share: CostShareView, rule: str) -> list[str]:
    """Return the sentences."""
    lines = [_("The rule: {rule}.", rule=word(RULES, rule))]
    known = {name: value for name, value in share.why.items() if isinstance(value, int)}
    return lines + [str(money(value, share.currency)) for value in known.values()]
