"""My account: who I am, my roles, my password."""

import streamlit as st

from app.components.links import same_tab_link
from app.components.tables import facts
from app.labels import ROLES, word
from app.layout import viewer
from app.texts import LANGUAGES, _

who = viewer()
st.title(_("My account"))
facts(
    [
        (_("User name"), who.actor.username),
        (_("Full name"), who.actor.display_name),
        (_("Roles here"), ", ".join(word(ROLES, role) for role in who.roles)),
        (_("Consortium"), who.consortium.name if who.consortium else ""),
        (_("Language"), LANGUAGES.get(who.actor.language, who.actor.language)),
    ],
    alt=_("Your name, roles and language"),
)
st.caption(_("Choose your language in the side bar. It is kept for the next time."))
st.subheader(_("Password"))
st.write(_("When you change your password, every other device on which you are signed in is signed out."))
same_tab_link(_("Change password"), "/password")
