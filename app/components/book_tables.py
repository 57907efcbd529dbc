"""The books as tables: who is late, what every account holds, what every entry says."""

from collections.abc import Sequence

import streamlit as st

from app.components.entries import today
from app.components.states import attempt
from app.components.tables import Column, show_table
from app.formats import day, moment, money, number, plain
from app.labels import ACCOUNT_KINDS, ENTRY_KINDS, word
from app.layout import Viewer
from app.texts import _
from consortium.permissions import Action
from consortium.services import books
from consortium.views_books import ArrearsRow, JournalEntry, TrialBalance


def arrears_table(rows: Sequence[ArrearsRow]) -> None:
    """Show what members have not paid, those that are latest first."""
    show_table(
        rows,
        [
            Column(_("Member"), lambda each: each.member_name),
            Column(_("Overdue"), lambda each: _amount(each.overdue_minor, each), numeric=True),
            Column(_("Since"), lambda each: day(each.oldest_due_on) if each.oldest_due_on else ""),
            Column(_("Days late"), lambda each: number(each.days_late) if each.days_late else "", numeric=True),
            Column(_("Falls due later"), lambda each: _amount(each.later_minor, each), numeric=True),
        ],
        alt=_("Members with what they owe, since when and by how many days it is late"),
        key="arrears",
    )


def _amount(amount_minor: int, row: ArrearsRow) -> str:
    return money(amount_minor, row.currency) if amount_minor else ""


def trial_table(balance: TrialBalance) -> None:
    """Show every account that is not at zero; money sums to zero, and so do budgets."""
    for title, rows, key in ((_("Money"), balance.money, "money"), (_("Budgets and orders"), balance.memo, "memo")):
        if not rows:
            continue
        st.markdown(f"**{title}**")
        show_table(
            rows,
            [
                Column(_("Account"), lambda each: word(ACCOUNT_KINDS, each.kind)),
                Column(_("Name"), lambda each: each.name or each.code),
                Column(
                    _("Debit"),
                    lambda each: money(each.amount_minor, each.currency) if each.amount_minor > 0 else "",
                    numeric=True,
                ),
                Column(
                    _("Credit"),
                    lambda each: money(-each.amount_minor, each.currency) if each.amount_minor < 0 else "",
                    numeric=True,
                ),
            ],
            alt=_("Accounts with their debit or credit balance"),
            key=f"trial_{key}",
        )
        debits = sum(each.base_minor for each in rows if each.base_minor > 0)
        st.caption(_("Debits and credits: {amount} each.", amount=money(debits, balance.currency)))


def journal_entries(who: Viewer, entries: Sequence[JournalEntry]) -> None:
    """Show entries with their postings; a manager may take one back."""
    for entry in entries:
        words = " · ".join(filter(None, (day(entry.value_date), word(ENTRY_KINDS, entry.kind), entry.text)))
        with st.expander(f"{entry.seq} · {plain(words)}"):
            show_table(
                entry.lines,
                [
                    Column(_("Account"), lambda each: word(ACCOUNT_KINDS, each.kind)),
                    Column(_("Name"), lambda each: each.name or each.code),
                    Column(_("Amount"), lambda each: money(each.amount_minor, each.currency), numeric=True),
                ],
                alt=_("Postings of the entry"),
            )
            st.caption(
                _(
                    "Booked by {name}, {moment}. Seal: {hash}",
                    name=plain(entry.username or _("the system")),
                    moment=moment(entry.booked_at),
                    hash=entry.hash[:16],
                )
            )
            if entry.reverses is not None:
                st.caption(_("Takes back entry {number}.", number=entry.reverses))
            if entry.reversed_by is not None:
                st.caption(_("Taken back by entry {number}.", number=entry.reversed_by))
            elif entry.reverses is None and who.may(Action.KEEP_BOOKS):
                _take_back(who, entry)


def _take_back(who: Viewer, entry: JournalEntry) -> None:
    with st.popover(_("Take this entry back"), icon=":material/undo:"):
        reason = st.text_input(_("Why"), max_chars=500, key=f"why_{entry.seq}")
        when = st.date_input(_("Date"), today(), format="DD/MM/YYYY", key=f"when_{entry.seq}")
        if st.button(_("Book the mirror entry"), type="primary", key=f"reverse_{entry.seq}"):
            with attempt(_("Entry {number} was taken back.", number=entry.seq)):
                books.reverse_entry(who.actor, who.here.id, entry.seq, when, reason)
