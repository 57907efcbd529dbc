"""Users: who can sign in, and in which role."""

import streamlit as st

from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.components.user_forms import change_user, new_user, show_password
from app.labels import ROLES, word
from app.layout import viewer
from app.texts import LANGUAGES, _
from consortium.permissions import may_administer
from consortium.services import access

who = viewer()
st.title(_("Users"))
users = access.users(who.actor)
show_password()
show_table(
    users,
    [
        Column(_("User name"), lambda user: user.username),
        Column(_("Full name"), lambda user: user.display_name),
        Column(
            _("Roles"),
            lambda user: ", ".join(
                ([word(ROLES, "administrator")] if user.is_administrator else [])
                + [word(ROLES, grant.role) for grant in user.grants]
            ),
        ),
        Column(_("Language"), lambda user: LANGUAGES.get(user.language, user.language)),
        Column(_("Note"), lambda user: _("may not sign in") if user.is_disabled else ""),
    ],
    alt=_("Users with their roles"),
    key="users_table",
)
if not users:
    empty_state(_("No users yet"), _("Create the first user below."))
if may_administer(who.actor):
    new_user(who)
    change_user(who, users)
