"""What was invoiced against the estimate, member by member and charge by charge, in tables and sentences."""

from collections.abc import Iterator

import streamlit as st

from app.components.invoice_form import slot_words
from app.components.rule_words import key_words
from app.components.states import empty_state
from app.components.tables import Column, badge, show_table
from app.formats import day, money, percent_ppm, plain
from app.labels import CHARGE_CLASSES, word
from app.texts import _
from consortium.views_rules import DifferenceReasonView, DifferenceView, InvoicesView, InvoiceView, SlotView


def show_totals(view: InvoicesView) -> None:
    """Show each member's share of the estimate, the difference since, and what it comes to."""
    show_table(
        view.members,
        [
            Column(_("Member"), lambda one: one.member_name),
            Column(_("Estimate"), lambda one: money(one.estimate_minor, view.currency), numeric=True),
            Column(_("Difference"), lambda one: money(one.difference_minor, view.currency), numeric=True),
            Column(_("Now"), lambda one: money(one.share_minor, view.currency), numeric=True),
        ],
        alt=_("Share of the estimate of each member, the difference since, and what it comes to"),
        key="invoice_totals",
    )


def show_slots(view: InvoicesView) -> None:
    """Show the estimate charge by charge beside what was invoiced."""
    show_table(
        view.slots,
        [
            Column(_("Charge"), slot_words),
            Column(_("Class of charges"), lambda one: word(CHARGE_CLASSES, one.charge_class)),
            Column(_("Shared"), lambda one: key_words(one.charge_class, one.key)),
            Column(_("Estimate"), lambda one: money(one.estimate_minor, view.currency), numeric=True),
            Column(_("Invoiced"), lambda one: _invoiced(one, view.currency), numeric=True),
            Column(_("Difference"), lambda one: _difference(one, view.currency), numeric=True),
            Column(_("State"), _state),
        ],
        alt=_("Each charge of the estimate beside what was invoiced for it"),
        key="invoice_slots",
    )


def _invoiced(one: SlotView, currency: str) -> str:
    return money(one.actual_minor, currency) if one.is_invoiced else "–"


def _difference(one: SlotView, currency: str) -> str:
    difference = one.actual_minor - one.estimate_minor
    return money(difference, currency) if difference else "–"


def _state(one: SlotView) -> object:
    if not one.is_invoiced:
        return badge(_("Not invoiced yet"), "gray")
    return badge(_("Not complete"), "orange") if one.is_open else badge(_("Complete"), "green")


def show_invoices(view: InvoicesView) -> None:
    """Show every invoice, the newest first, with its lines and what it changed for whom."""
    for one in reversed(view.invoices):
        with st.expander(_title(one)):
            if not one.stands:
                st.caption(_("A corrected invoice replaced this one; its lines no longer count."))
            elif one.replaces is not None:
                st.caption(_("Corrects number {number}.", number=one.replaces))
            _lines(one, view)
            if not one.differences:
                st.caption(_("As estimated: nothing changed for anybody."))
            for difference in one.differences:
                st.markdown(f"**{plain(difference.member_name)}**: {money(difference.difference_minor, view.currency)}")
                st.markdown(_why(difference, view.currency))


def _title(one: InvoiceView) -> str:
    parts = [str(one.number), one.supplier, one.reference, day(one.invoice_date)]
    return plain(" · ".join(filter(None, parts)))


def _lines(one: InvoiceView, view: InvoicesView) -> None:
    show_table(
        one.lines,
        [
            Column(_("Charge"), lambda line: line.code or word(CHARGE_CLASSES, line.charge_class)),
            Column(_("Description"), lambda line: line.description),
            Column(_("Caused by"), lambda line: ", ".join(line.causes)),
            Column(_("Amount"), lambda line: money(line.amount_minor, one.currency), numeric=True),
            Column(
                _("Booked"),
                lambda line: money(line.booked_minor, view.currency) if one.currency != view.currency else "",
                numeric=True,
            ),
        ],
        alt=_("Lines of the invoice"),
        key=f"invoice_lines_{one.number}",
    )


def show_own_differences(view: InvoicesView) -> None:
    """Show a member what the invoices change for itself, and why; nothing of anybody else."""
    for one in view.members:
        if len(view.members) > 1:
            st.subheader(plain(one.member_name))
        with st.grid(3, min_column_width=190):
            st.metric(_("Share of the estimate"), money(one.estimate_minor, view.currency), border=True)
            st.metric(_("Difference"), money(one.difference_minor, view.currency), border=True)
            st.metric(_("Your share now"), money(one.share_minor, view.currency), border=True)
    if not view.members:
        empty_state(_("Nothing of yours travels in this shipment"), _("Choose another shipment."))
    elif not view.invoices:
        empty_state(
            _("Nothing changed for you"),
            _("As soon as an invoice differs from the estimate, your part of the difference stands here."),
            icon=":material/request_quote:",
        )
    for invoice in view.invoices:
        for difference in invoice.differences:
            with st.container(border=True):
                st.markdown(f"**{_title(invoice)}**: {money(difference.difference_minor, view.currency)}")
                st.markdown(_why(difference, view.currency))
                if difference.buyers_pay_minor:
                    st.caption(
                        _(
                            "You bear {own} of it; by the Incoterms rules of your orders, your buyers bear {buyers}.",
                            own=money(difference.pays_minor, view.currency),
                            buyers=money(difference.buyers_pay_minor, view.currency),
                        )
                    )


def _why(difference: DifferenceView, currency: str) -> str:
    return "\n".join(f"- {plain(line)}" for one in difference.reasons for line in _reason(one, currency))


def _reason(one: DifferenceReasonView, currency: str) -> Iterator[str]:
    """Yield the sentence on one part of a difference; a member with few others beside it is told no totals."""
    charge, step = one.code or word(CHARGE_CLASSES, one.charge_class), money(one.step_minor, currency)
    if one.own:
        yield _("{charge}: {amount}, caused by this firm alone.", charge=charge, amount=step)
        return
    shared = key_words(one.charge_class, one.key)
    if one.estimate_minor is None or one.actual_minor is None or one.weight is None:
        yield _("{charge}: {amount}, its part of the difference. {shared}.", charge=charge, amount=step, shared=shared)
        return
    top, _slash, bottom = one.weight.partition("/")
    yield _(
        "{charge}: {amount}. Estimated {estimate}, now {actual}; its part of the difference is {part}. {shared}.",
        charge=charge,
        amount=step,
        estimate=money(one.estimate_minor, currency),
        actual=money(one.actual_minor, currency),
        part=percent_ppm(int(top) * 1_000_000 // int(bottom or 1)),
        shared=shared,
    )
