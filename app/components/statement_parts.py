"""One account of a member as people read it: what it stood at, what happened, what it stands at."""

from datetime import date

import streamlit as st

from app.components.tables import Column, facts, show_table
from app.formats import day, money
from app.labels import ACCOUNT_KINDS, ENTRY_KINDS, word
from app.texts import _
from consortium.views_books import StatementLine, StatementSection


def choose_period() -> tuple[date | None, date | None]:
    """Let the first and the last day be chosen; both may be left open."""
    one, two = st.columns(2)
    with one:
        first_on = st.date_input(_("From"), value=None, format="DD/MM/YYYY", key="statement_from")
    with two:
        last_on = st.date_input(_("Until"), value=None, format="DD/MM/YYYY", key="statement_until")
    return first_on, last_on


def show_section(section: StatementSection) -> None:
    """Show one account: its sums, then its movements."""
    currency = section.currency
    st.subheader(word(ACCOUNT_KINDS, section.account_kind))
    sums = [
        (_("Opening balance"), section.opening_minor),
        (_("Charged"), section.charged_minor),
        (_("Called"), section.called_minor),
        (_("Paid"), -section.paid_minor),
        (_("Other"), section.other_minor),
    ]
    facts(
        [(name, money(amount, currency)) for name, amount in sums[:1] + [pair for pair in sums[1:] if pair[1]]],
        alt=_("What the balance is made of"),
    )
    st.metric(_("Closing balance"), money(section.closing_minor, currency), border=True, width="content")
    show_table(
        section.lines,
        [
            Column(_("Date"), lambda each: day(each.value_date), sort=lambda each: each.value_date),
            Column(_("What"), _what),
            Column(_("Amount"), lambda each: money(each.amount_minor, currency), numeric=True),
            Column(_("Balance after it"), lambda each: money(each.balance_minor, currency), numeric=True),
            Column(_("Due"), lambda each: day(each.due_on) if each.due_on else ""),
            Column(_("Reference"), lambda each: each.reference),
        ],
        alt=_("Movements with their day, reason, amount and the balance after them"),
        key=f"statement_{section.account_kind}_{currency}",
    )


def _what(line: StatementLine) -> str:
    return " · ".join(filter(None, (word(ENTRY_KINDS, line.kind), line.text)))
