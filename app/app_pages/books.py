"""The books: who owes what, every account, every entry; and what a manager books."""

import streamlit as st

from app.components.book_forms import bank_form, book_shipments, close_form, fee_form, invoice_form, payment_form
from app.components.book_tables import arrears_table, journal_entries, trial_table
from app.components.entries import today
from app.components.links import same_tab_link
from app.components.states import empty_state
from app.downloads import trial_balance_link
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

PAGE = 50

who = viewer()
st.title(_("Books"))
owing, accounts, entries = st.tabs([_("Who owes"), _("Accounts"), _("Journal")])
with owing:
    late = queries.arrears(who.actor, who.here.id, today())
    if late:
        arrears_table(late)
    else:
        empty_state(
            _("Nobody owes anything"), _("Charges appear here until they are paid."), icon=":material/task_alt:"
        )
with accounts:
    balance = queries.trial_balance(who.actor, who.here.id)
    if balance.money or balance.memo:
        trial_table(balance)
        same_tab_link(_("Trial balance (workbook)"), trial_balance_link(who.here.id))
    else:
        empty_state(_("Nothing is booked yet"), _("Accounts are opened by the first entry that uses them."))
with entries:
    before = st.session_state.get("journal_before")
    found = queries.journal(who.actor, who.here.id, before=before, limit=PAGE)
    if not found:
        empty_state(
            _("Nothing is booked yet"), _("What is booked stays as it is: mistakes are taken back by an entry.")
        )
    journal_entries(who, found)
    with st.container(horizontal=True):
        if len(found) == PAGE and st.button(_("Older entries"), key="journal_older"):
            st.session_state["journal_before"] = found[-1].seq
            st.rerun()
        if before is not None and st.button(_("Newest entries"), key="journal_newest"):
            st.session_state.pop("journal_before")
            st.rerun()

if who.may(Action.KEEP_BOOKS):
    st.subheader(_("To book"))
    book_shipments(who)
    payment_form(who)
    invoice_form(who)
    bank_form(who)
    fee_form(who)
    close_form(who)
