"""Creating users, giving roles, new passwords, letting nobody in any more."""

from collections.abc import Sequence

import streamlit as st

from app.components.states import attempt
from app.labels import ROLES, word, words
from app.layout import Viewer
from app.texts import LANGUAGES, _
from consortium import queries
from consortium.models import Role
from consortium.services import access
from consortium.services.access import UserDraft, UserView

SHOWN_ONCE = "password_shown_once"


def show_password() -> None:
    """Show a generated password once; it is stored nowhere."""
    if found := st.session_state.pop(SHOWN_ONCE, None):
        name, password = found
        st.success(
            _("Password of {name}, shown only now. It must be changed at the first sign-in.", name=name),
            icon=":material/key:",
        )
        st.code(password, language=None)


def new_user(who: Viewer) -> None:
    """Show the form of a new user."""
    with st.expander(_("Create a user"), icon=":material/person_add:"), st.form("user_new", border=False):
        one, two = st.columns(2)
        with one:
            username = st.text_input(_("User name"), max_chars=100, key="user_name", help=_("For example, the e-mail."))
            full = st.text_input(_("Full name"), max_chars=200, key="user_full")
        with two:
            language = st.selectbox(_("Language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="user_lang")
            admin = st.checkbox(_("Administers this installation"), key="user_admin")
        if st.form_submit_button(_("Create user"), type="primary", key="user_save"):
            with attempt(_("User {name} was created.", name=username)):
                draft = UserDraft(username=username, display_name=full, language=language, is_administrator=admin)
                _id, password = access.create_user(who.actor, draft)
                st.session_state[SHOWN_ONCE] = (username, password)


def change_user(who: Viewer, users: Sequence[UserView]) -> None:
    """Show what can be done with a user."""
    if not users:
        return
    with st.expander(_("Change a user"), icon=":material/manage_accounts:"):
        by_id = {user.id: user for user in users}
        user = by_id[
            st.selectbox(_("User"), list(by_id), format_func=lambda id_: by_id[id_].username, key="user_chosen")
        ]
        _give_role(who, user)
        _take_role(who, user)
        with st.container(horizontal=True):
            renew = st.button(_("New password"), icon=":material/key:", key="user_password")
            disable = enable = False
            if user.is_disabled:
                enable = st.button(_("Let in again"), icon=":material/lock_open:", key="user_enable")
            else:
                disable = st.button(_("No longer let in"), icon=":material/block:", key="user_disable")
        if renew:
            with attempt(_("{name} has a new password.", name=user.username)):
                st.session_state[SHOWN_ONCE] = (user.username, access.set_password(who.actor, user.id))
        if disable:
            with attempt(_("{name} can no longer sign in.", name=user.username)):
                access.disable_user(who.actor, user.id)
        if enable:
            with attempt(_("{name} can sign in again.", name=user.username)):
                access.enable_user(who.actor, user.id)


def _give_role(who: Viewer, user: UserView) -> None:
    places = queries.consortia(who.actor)
    if not places:
        st.caption(_("Register a consortium before giving roles in it."))
        return
    by_id = {place.id: place for place in places}
    place = by_id[
        st.selectbox(_("Consortium"), list(by_id), format_func=lambda id_: by_id[id_].name, key="role_consortium")
    ]
    role = st.selectbox(_("Role"), list(Role), format_func=words(ROLES).__getitem__, key="role")
    firm = None
    if role is Role.MEMBER:
        firms = {firm.id: firm.name for firm in queries.members(who.actor, place.id)}
        firm = st.selectbox(
            _("Acts for"), list(firms), format_func=firms.__getitem__, placeholder=_("Choose a member"), key="role_firm"
        )
    if st.button(_("Give this role"), type="primary", key="role_save"):
        with attempt(_("{name} has the role now.", name=user.username)):
            access.grant_role(who.actor, user.id, place.id, role, firm)


def _take_role(who: Viewer, user: UserView) -> None:
    names = {place.id: place.name for place in queries.consortia(who.actor)}
    for grant in user.grants:
        label = f"{word(ROLES, grant.role)} · {names.get(grant.consortium_id, '')}"
        if st.button(
            _("Take away: {role}", role=label),
            icon=":material/remove:",
            key=f"revoke_{user.id}_{grant.consortium_id}_{grant.role.value}",
        ):
            with attempt(_("The role was taken away.")):
                access.revoke_role(who.actor, user.id, grant.consortium_id, grant.role)
