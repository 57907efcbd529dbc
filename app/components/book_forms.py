"""What a manager books: shipments, payments, invoices, bank files, fees, and the closing of a period."""

import streamlit as st

from app.components.entries import amount_input, minor_units, today
from app.components.states import FLASH_KEY, attempt, error_box, show_faults
from app.components.tables import Column, show_table
from app.fault_lines import wrong_state_line
from app.formats import day, money
from app.labels import FEE_KINDS, words
from app.layout import Viewer
from app.texts import _, plural
from consortium import queries
from consortium.books_drafts import FeeDraft, InvoiceDraft, PaymentDraft
from consortium.errors import InputError, StateError
from consortium.formats.bank_files import DATE_FORMATS, BankRow
from consortium.formats.numbers import NUMBER_FORMATS
from consortium.services import bank, books, fees, shipment_books

PPM_PER_PERCENT = 10_000
DOUBTFUL_KEY = "bank_doubtful_rows"
POSTABLE = ("agreed", "shipped", "settled")


def _members(who: Viewer) -> dict[int, str]:
    return {each.id: each.name for each in queries.members(who.actor, who.here.id)}


def _shipments(who: Viewer) -> dict[int, str]:
    found = queries.shipments(who.actor, who.here.id)
    return {each.id: each.title or each.code for each in found if each.state in POSTABLE}


def book_shipments(who: Viewer) -> None:
    """Offer to post the cost shares of an agreed shipment, and later the difference to its invoices."""
    names = _shipments(who)
    if not names:
        return
    with st.expander(_("Cost shares of a shipment"), icon=":material/balance:"):
        chosen = st.selectbox(_("Pooled shipment"), list(names), format_func=names.__getitem__, key="book_shipment")
        when = st.date_input(_("Date"), today(), format="DD/MM/YYYY", key="book_shipment_date")
        with st.container(horizontal=True):
            if st.button(_("Book the cost shares"), type="primary", key="book_shares"):
                with attempt(_("The cost shares are in the books.")):
                    shipment_books.post_shares(who.actor, chosen, when)
            if st.button(_("Book the difference to the invoices"), key="book_true_up"):
                with attempt(_("The difference to the invoices is in the books.")):
                    shipment_books.true_up(who.actor, chosen, when)


def payment_form(who: Viewer) -> None:
    """Offer to book money that a member paid or got back, or that a supplier got."""
    names = _members(who)
    directions = {"in": _("A member paid"), "out": _("A member got money back"), "supplier": _("A supplier was paid")}
    with st.expander(_("A payment"), icon=":material/payments:"):
        direction = st.segmented_control(
            _("What happened"), list(directions), default="in", required=True, format_func=directions.__getitem__,
            key="payment_direction",
        )  # fmt: skip
        with st.form("payment", border=False):
            if direction == "supplier":
                party = {"supplier": st.text_input(_("Supplier"), max_chars=200, key="payment_supplier")}
            else:
                party = {
                    "member_id": st.selectbox(
                        _("Member"), list(names), format_func=names.__getitem__, key="payment_member"
                    )
                }
            amount = amount_input(_("Amount"), None, who.here.currency, "payment_amount")
            when = st.date_input(_("Date"), today(), format="DD/MM/YYYY", key="payment_date")
            reference = st.text_input(
                _("Reference of the bank"), max_chars=200, key="payment_reference",
                help=_("One reference is booked once."),
            )  # fmt: skip
            if st.form_submit_button(_("Book the payment"), type="primary", key="payment_save"):
                with attempt(_("The payment is in the books.")):
                    draft = PaymentDraft(
                        direction="in" if direction == "in" else "out",
                        value_date=when,
                        amount_minor=minor_units(amount, who.here.currency, "amount_minor"),
                        reference=reference,
                        **party,
                    )
                    books.record_payment(who.actor, who.here.id, draft)


def invoice_form(who: Viewer) -> None:
    """Offer to book a supplier's invoice, about a shipment or an expense."""
    shipments = {0: _("No shipment: an expense"), **_shipments(who)}
    with st.expander(_("An invoice of a supplier"), icon=":material/receipt:"), st.form("invoice", border=False):
        one, two = st.columns(2)
        with one:
            supplier = st.text_input(_("Supplier"), max_chars=200, key="invoice_supplier")
            number = st.text_input(_("Invoice number"), max_chars=60, key="invoice_number")
            amount = amount_input(_("Amount"), None, who.here.currency, "invoice_amount")
        with two:
            when = st.date_input(_("Date"), today(), format="DD/MM/YYYY", key="invoice_date")
            about = st.selectbox(
                _("About"), list(shipments), index=len(shipments) - 1, format_func=shipments.__getitem__,
                key="invoice_about",
            )  # fmt: skip
            expense = st.text_input(_("Expense, where it is about no shipment"), max_chars=200, key="invoice_expense")
        if st.form_submit_button(_("Book the invoice"), type="primary", key="invoice_save"):
            with attempt(_("The invoice is in the books.")):
                draft = InvoiceDraft(
                    supplier=supplier,
                    number=number,
                    value_date=when,
                    amount_minor=minor_units(amount, who.here.currency, "amount_minor"),
                    shipment_id=about or None,
                    expense="" if about else expense,
                )
                books.record_invoice(who.actor, who.here.id, draft)


def bank_form(who: Viewer) -> None:
    """Offer to import a bank file; rows that only a person can decide are shown and asked about."""
    with st.expander(_("A file of the bank"), icon=":material/upload_file:"):
        file = st.file_uploader(_("CAMT.053, OFX or CSV"), type=["xml", "ofx", "csv", "txt"], key="bank_file")
        one, two = st.columns(2)
        with one:
            style = st.selectbox(
                _("How numbers are written in a CSV file"), NUMBER_FORMATS, index=None, key="bank_numbers",
                placeholder=_("Only plain whole numbers"),
            )  # fmt: skip
        with two:
            dates = st.selectbox(_("How dates are written in a CSV file"), DATE_FORMATS, key="bank_dates")
        whole = st.checkbox(
            _("The file holds all movements of its first and last day"), value=True, key="bank_whole",
            help=_("Then rows that look the same can be counted day by day."),
        )  # fmt: skip
        asked = st.session_state.get(DOUBTFUL_KEY, {}).get(file.file_id, ()) if file else ()
        doubtful = {each.number: each for each in asked}
        accepted = _decide(doubtful, who.here.currency) if doubtful else []
        if file is None or not st.button(_("Book what is new"), type="primary", key="bank_save"):
            return
        with error_box():
            try:
                report = bank.import_bank_file(
                    who.actor,
                    who.here.id,
                    file.name,
                    file.getvalue(),
                    number_format=style,
                    date_format=dates,
                    whole_days=whole,
                    accepted=accepted,
                )
            except InputError as error:
                show_faults(error.faults)
                return
            except StateError as error:
                st.warning(wrong_state_line(error), icon=":material/block:")
                return
            st.session_state[DOUBTFUL_KEY] = {file.file_id: report.doubtful}
            st.session_state[FLASH_KEY] = _(
                "{rows} rows read, {booked} booked, {known} known already.",
                rows=report.rows,
                booked=report.booked,
                known=report.known,
            )
            st.rerun()


def _decide(doubtful: dict[int, BankRow], currency: str) -> list[int]:
    """Show the rows that only a person can decide, and return those that are said to be new."""
    st.warning(
        plural(
            "{number} row looks like one that is booked, and nothing tells them apart. It is not booked.",
            "{number} rows look like ones that are booked, and nothing tells them apart. They are not booked.",
            len(doubtful),
        )
    )
    show_table(
        list(doubtful.values()),
        [
            Column(_("Row"), lambda each: each.number),
            Column(_("Date"), lambda each: day(each.booked_on)),
            Column(_("Text"), lambda each: " · ".join(filter(None, (each.party, each.text)))),
            Column(_("Amount"), lambda each: money(each.amount_minor, currency), numeric=True),
        ],
        alt=_("Rows of the bank file that somebody has to decide on"),
        key="bank_doubtful",
    )
    return st.multiselect(
        _("Rows that are movements of their own"), list(doubtful), placeholder="", key="bank_accepted"
    )


def fee_form(who: Viewer) -> None:
    """Offer to run a fee over a period."""
    kinds = words(FEE_KINDS)
    with st.expander(_("Fees"), icon=":material/event_repeat:"), st.form("fee", border=False):
        one, two = st.columns(2)
        with one:
            kind = st.selectbox(_("Fee"), list(kinds), index=1, format_func=kinds.__getitem__, key="fee_kind")
            name = st.text_input(_("Name"), max_chars=60, key="fee_name")
            amount = amount_input(_("Amount"), None, who.here.currency, "fee_amount")
            rate = st.number_input(_("Commission in percent"), 0.0, 100.0, step=0.1, key="fee_rate")
        with two:
            first_on = st.date_input(_("From"), value=None, format="DD/MM/YYYY", key="fee_first")
            last_on = st.date_input(_("Until"), value=None, format="DD/MM/YYYY", key="fee_last")
            due_on = st.date_input(_("To be paid until"), value=None, format="DD/MM/YYYY", key="fee_due")
        st.caption(_("A run may be repeated: only what is new is booked."))
        if st.form_submit_button(_("Charge the fee"), type="primary", key="fee_save"):
            with attempt(_("The fee is in the books.")):
                commission = kind == "commission"
                draft = FeeDraft(
                    kind=kind,
                    name=name,
                    first_on=first_on,
                    last_on=last_on,
                    value_date=today(),
                    due_on=due_on,
                    amount_minor=0 if commission else minor_units(amount, who.here.currency, "amount_minor"),
                    rate_ppm=round(rate * PPM_PER_PERCENT) if commission else 0,
                )
                fees.run_fee(who.actor, who.here.id, draft)


def close_form(who: Viewer) -> None:
    """Offer to close the books up to a day."""
    with st.expander(_("Close a period"), icon=":material/lock:"):
        until = st.date_input(_("Closed until"), value=None, format="DD/MM/YYYY", key="close_until")
        st.caption(_("Nothing is dated on or before this day any more. This cannot be undone."))
        if until is not None and st.button(_("Close the books"), key="close_save"):
            with attempt(_("The books are closed until {day}.", day=day(until))):
                books.close_period(who.actor, who.here.id, until)
