"""Why orders travel outside shared containers, what would help, and what a wish of one order would cost."""

from collections.abc import Sequence

import streamlit as st

from app.components.answer_words import cure_words, leg_words, own_wish_words, why_words
from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.formats import plain
from app.texts import _
from consortium.views_answers import OwnWishView, WhyNotView

MOST_CARDS = 60
"""Orders up to which each has a card; beyond, a grid that can be searched."""


def why_not(rows: Sequence[WhyNotView], currency: str, *, with_member: bool) -> None:
    """Show for each order outside the shared containers what binds and the cheapest cure with its price."""
    if not rows:
        empty_state(
            _("Every order travels in a shared container"),
            _("There is nothing to ask."),
            icon=":material/check_circle:",
        )
    elif len(rows) <= MOST_CARDS:
        with st.grid(2, min_column_width=300):
            for each in rows:
                with st.container(border=True):
                    _card(each, currency, with_member)
    else:
        _grid(rows, currency, with_member)


def _card(each: WhyNotView, currency: str, with_member: bool) -> None:
    member = f" · {plain(each.member_name)}" if with_member else ""
    st.markdown(f"**{plain(each.order_code)}**{member}  \n{plain(leg_words(each.travels))}")
    st.markdown(f":material/block: {plain(why_words(each, currency))}")
    if said := cure_words(each, currency):
        st.markdown(f":material/lightbulb: {plain(said)}")


def _wish_line(each: OwnWishView, currency: str, with_member: bool) -> str:
    name = f"{each.order_code} ({each.member_name})" if with_member else each.order_code
    return f"- **{plain(name)}** · {plain(own_wish_words(each, currency))}"


def _grid(rows: Sequence[WhyNotView], currency: str, with_member: bool) -> None:
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
    )


def own_wishes(rows: Sequence[OwnWishView], currency: str, *, with_member: bool) -> None:
    """Show what wishes of single orders would change, and name those that would be worth nothing."""
    worth = [each for each in rows if own_wish_words(each, currency)]
    if len(worth) > MOST_CARDS:
        show_table(
            worth,
            [
                *([Column(_("Member"), lambda each: each.member_name)] if with_member else []),
                Column(_("Order"), lambda each: each.order_code),
                Column(_("Wishes"), lambda each: own_wish_words(each, currency)),
            ],
            alt=_("What a wish of each order would change"),
        )
    elif worth:
        st.markdown("\n".join(_wish_line(each, currency, with_member) for each in worth))
    idle = dict.fromkeys(each.order_code for each in rows) if not with_member else {}
    for each in worth:
        idle.pop(each.order_code, None)
    if idle:
        st.caption(
            _(
                "By themselves, a due date a week later or goods ready a week earlier would save nothing: {orders}.",
                orders=", ".join(map(plain, idle)),
            )
        )
    if worth:
        st.caption(_("Each priced by itself, with all other goods as planned: a new plan could only be cheaper."))
