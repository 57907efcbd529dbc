"""The frame around every page: who is here, in which consortium and language, and the way out."""

from dataclasses import dataclass

import streamlit as st

from app.components.links import same_tab_link
from app.components.states import say_flash
from app.formats import COUNTRY_KEY, TIME_ZONE_KEY, plain
from app.labels import ROLES, word
from app.texts import DEFAULT_LANGUAGE, LANGUAGE_KEY, LANGUAGES, _
from consortium import queries
from consortium.permissions import Action, Actor, may, may_administer
from consortium.services import access
from consortium.views import ConsortiumView

CONSORTIUM_KEY = "consortium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The person whose page is being made, and the consortium that it is about (None: none yet)."""

    actor: Actor
    consortium: ConsortiumView | None

    def may(self, action: Action) -> bool:
        """Say whether a page or a button should be offered; the services decide again."""
        return self.consortium is not None and may(self.actor, action, self.consortium.id, self.member_id)

    @property
    def member_id(self) -> int | None:
        """The firm that this person acts for, if any."""
        return self.actor.member_in(self.consortium.id) if self.consortium else None

    @property
    def is_administrator(self) -> bool:
        """Whether this person manages users."""
        return may_administer(self.actor)

    @property
    def roles(self) -> list[str]:
        """Roles in this consortium, most to do first."""
        here = {role.value for role in self.actor.roles_in(self.consortium.id)} if self.consortium else set()
        return [role for role in ROLES if role in here] + (["administrator"] if self.is_administrator else [])

    @property
    def here(self) -> ConsortiumView:
        """The consortium, on pages that exist only inside one."""
        assert self.consortium is not None, "the router offers this page only inside a consortium"
        return self.consortium


def viewer() -> Viewer:
    """Return who is here, read afresh: a role taken away is gone at the next click, in fragments too."""
    user_id = st.user.get("user_id")
    actor = access.actor_of_user(int(user_id)) if user_id else None
    if actor is None:
        st.stop()
    consortia = _own_consortia(actor)
    chosen = st.session_state.get(CONSORTIUM_KEY)
    consortium = next((each for each in consortia if each.id == chosen), consortia[0] if consortia else None)
    language = actor.language if actor.language in LANGUAGES else DEFAULT_LANGUAGE
    st.session_state[LANGUAGE_KEY] = language
    st.session_state[COUNTRY_KEY] = consortium.country if consortium else ""
    st.session_state[TIME_ZONE_KEY] = consortium.time_zone if consortium else "UTC"
    return Viewer(actor=actor, consortium=consortium)


def _own_consortia(actor: Actor) -> list[ConsortiumView]:
    """Return the consortia in which somebody is something; an administrator sees others only to give roles."""
    return [each for each in queries.consortia(actor) if each.roles]


def frame(who: Viewer) -> None:
    """Draw the side bar and say what the last run achieved."""
    with st.sidebar:
        _choose_consortium(who)
        roles = ", ".join(word(ROLES, role) for role in who.roles)
        st.markdown(f"**{plain(who.actor.display_name or who.actor.username)}**  \n{roles}")
        _choose_language(who)
        same_tab_link(_("Sign out"), "/signout")
    say_flash()


def _choose_consortium(who: Viewer) -> None:
    consortia = _own_consortia(who.actor)
    if who.consortium is None:
        return
    if len(consortia) == 1:
        st.markdown(f":material/groups: **{plain(who.consortium.name)}**")
        return
    names = {each.id: each.name for each in consortia}
    key = f"consortium_choice_{who.consortium.id}"
    st.selectbox(
        _("Consortium"),
        list(names),
        index=list(names).index(who.consortium.id),
        format_func=names.__getitem__,
        key=key,
        on_change=_remember_consortium,
        args=(key,),
    )


def _remember_consortium(key: str) -> None:
    st.session_state[CONSORTIUM_KEY] = st.session_state[key]
    st.query_params.clear()


def follow(who: Viewer, consortium_id: int) -> None:
    """Turn to the consortium of what a link opened, when it is another of the reader's own."""
    if who.consortium is not None and who.consortium.id != consortium_id:
        st.session_state[CONSORTIUM_KEY] = consortium_id
        st.rerun()


def _choose_language(who: Viewer) -> None:
    st.selectbox(
        _("Language"),
        list(LANGUAGES),
        index=list(LANGUAGES).index(st.session_state[LANGUAGE_KEY]),
        format_func=LANGUAGES.__getitem__,
        key="language_choice",
        on_change=_remember_language,
        args=(who.actor,),
    )


def _remember_language(actor: Actor) -> None:
    access.set_language(actor, st.session_state["language_choice"])


def number_of(name: str) -> int | None:
    """Return the id that the page's address carries under a name, if it is a number."""
    given = st.query_params.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 18 else None
