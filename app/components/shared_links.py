"""Links to load plans for people without a user: made, shown once, listed, revoked."""

from collections.abc import Sequence

import streamlit as st

from app.components.states import attempt
from app.components.tables import Column, show_table
from app.formats import moment, number, plain
from app.labels import word, words
from app.layout import Viewer
from app.shared_load import shared_link
from app.texts import LANGUAGES, _, current_language, mark
from consortium import queries
from consortium.services import shared_links
from consortium.views_links import SharedLinkView
from consortium.views_loads import LoadChoice

SHOWN_ONCE = "link_shown_once"
HOURS = {
    1: mark("1 hour"),
    24: mark("1 day"),
    72: mark("3 days"),
    168: mark("7 days"),
    336: mark("14 days"),
    720: mark("30 days"),
}
FIRMS = {"letters": mark("Neutral letters A, B, C"), "names": mark("By name")}
STATES = {"open": mark("Opens"), "expired": mark("Expired"), "revoked": mark("Revoked")}


def show_shared_links(who: Viewer, shipment_id: int, plan_id: int, choice: LoadChoice) -> None:
    """Let a manager share the load plan with somebody without a user, for a while."""
    with st.expander(_("Share with a warehouse or a forwarder"), icon=":material/link:", key="links"):
        _show_new_link()
        _make(who, shipment_id, plan_id, choice)
        _list(who, queries.shared_links(who.actor, shipment_id))


def _show_new_link() -> None:
    """Show a new link once: its token is stored nowhere."""
    if token := st.session_state.pop(SHOWN_ONCE, None):
        st.success(
            _("The link, shown only now. Whoever has it reads this load plan without signing in."),
            icon=":material/link:",
        )
        st.code(f"{_own_address()}{shared_link(token)}", language=None, wrap_lines=True)


def _own_address() -> str:
    """Return the address under which this page is open, or nothing where it is not known."""
    scheme, sign, rest = (st.context.url or "").partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if sign else ""


def _make(who: Viewer, shipment_id: int, plan_id: int, choice: LoadChoice) -> None:
    one, two = st.columns(2)
    with one:
        everything = st.checkbox(_("All containers of this plan"), key="link_all")
        spans = {hours: _(said) for hours, said in HOURS.items()}
        hours = st.selectbox(_("Opens for"), list(HOURS), index=2, format_func=spans.__getitem__, key="link_hours")
    with two:
        firms = st.selectbox(_("Firms"), list(FIRMS), format_func=words(FIRMS).__getitem__, key="link_firms")
        language = st.selectbox(
            _("Language of the link"),
            list(LANGUAGES),
            index=list(LANGUAGES).index(current_language()),
            format_func=LANGUAGES.__getitem__,
            key="link_language",
        )
    st.caption(
        _(
            "It shows packages as they are described, order codes, places and masses: no buyers, no values, no costs. "
            "Every opening is counted and on record."
        )
    )
    if st.button(_("Make the link"), type="primary", icon=":material/add_link:", key="link_make"):
        with attempt(_("The link is made.")):
            container = "" if everything else choice.container_id
            draft = shared_links.LinkDraft(container=container, hours=hours, firms=firms, language=language)
            _id, token = shared_links.make_link(who.actor, shipment_id, plan_id, draft)
            st.session_state[SHOWN_ONCE] = token


def _list(who: Viewer, links: Sequence[SharedLinkView]) -> None:
    show_table(
        links,
        [
            Column(_("Link"), lambda one: number(one.id), numeric=True),
            Column(_("Container"), lambda one: one.container or _("All")),
            Column(_("Firms"), lambda one: word(FIRMS, one.firms)),
            Column(_("Language"), lambda one: LANGUAGES[one.language]),
            Column(_("Made by"), lambda one: one.made_by),
            Column(_("Opens until"), lambda one: moment(one.expires_at)),
            Column(_("Openings"), lambda one: number(one.openings), numeric=True),
            Column(_("Last opened"), lambda one: moment(one.last_opened_at)),
            Column(_("State"), _state),
        ],
        alt=_("Links to this shipment's load plans"),
        whole=True,
    )
    for one in links:
        label = _("Revoke link {number}", number=one.id)
        if one.state == "open" and st.button(label, icon=":material/link_off:", key=f"link_revoke_{one.id}"):
            with attempt(_("The link no longer opens.")):
                shared_links.revoke_link(who.actor, one.id)


def _state(one: SharedLinkView) -> str:
    state = word(STATES, one.state.value)
    return state if one.is_in_force or one.state != "open" else plain(_("{state}: shows a replaced plan", state=state))
