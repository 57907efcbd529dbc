"""Why orders travel outside shared containers, what would help, and what a wish of one order would cost."""

from collections.abc import Sequence

import streamlit as st

from app.components.answer_words import cure_words, leg_words, own_wish_words, why_words
from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.formats import plain
from app.texts import _
from consortium.views_answers import OwnWishView, WhyNotView

MOST_WHOLE = 100
"""Rows up to which a table shows its sentences whole; beyond, a grid that can be searched."""


def why_not_table(rows: Sequence[WhyNotView], currency: str, *, with_member: bool) -> None:
    """Show for each order outside the shared containers what binds and the cheapest cure with its price."""
    if not rows:
        empty_state(
            _("Every order travels in a shared container"),
            _("There is nothing to ask."),
            icon=":material/check_circle:",
        )
        return
    show_table(
        rows,
        [
            *([Column(_("Member"), lambda each: each.member_name)] if with_member else []),
            Column(_("Order"), lambda each: each.order_code),
            Column(_("Travels now"), lambda each: leg_words(each.travels)),
            Column(_("Why not with others"), lambda each: why_words(each, currency)),
            Column(_("What would help"), lambda each: cure_words(each, currency)),
        ],
        alt=_("Orders outside the shared containers, with the limit that binds and the cheapest cure"),
        whole=len(rows) <= MOST_WHOLE,
    )


def own_wishes(rows: Sequence[OwnWishView], currency: str, *, with_member: bool) -> None:
    """Show what wishes of single orders would change, and name those that would be worth nothing."""
    worth = [each for each in rows if own_wish_words(each, currency)]
    for each in worth:
        name = f"{each.member_name} {each.order_code}" if with_member else each.order_code
        st.markdown(f"- **{plain(name)}** · {plain(own_wish_words(each, currency))}")
    idle = dict.fromkeys(each.order_code for each in rows) if not with_member else {}
    for each in worth:
        idle.pop(each.order_code, None)
    if idle:
        st.caption(_("Nothing to gain by other dates for {orders}.", orders=", ".join(map(plain, idle))))
    if worth:
        st.caption(_("Each priced by itself, with all other goods as planned: a new plan could only be cheaper."))
