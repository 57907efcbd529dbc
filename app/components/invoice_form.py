"""The form of an invoice: an amount for each charge of the estimate, and lines for what nobody foresaw."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.components.choices import choose_currency
from app.components.entries import minor_units, today
from app.formats import exponent, money
from app.labels import CHARGE_CLASSES, word
from app.texts import _
from consortium.drafts_rules import InvoiceDraft
from consortium.views_rules import InvoicesView, SlotView

MOST_EXTRA_LINES = 20
INVOICED_CLASSES = tuple(name for name in CHARGE_CLASSES if name != "delay")

Lines = Callable[[], list[dict[str, Any]]]


def invoice_form(view: InvoicesView) -> Callable[[], InvoiceDraft] | None:
    """Show the fields of an invoice; return what makes the draft when it is sent."""
    name = f"invoice_{len(view.invoices)}"
    extra = st.number_input(
        _("Lines that the estimate did not foresee"),
        min_value=0,
        max_value=MOST_EXTRA_LINES,
        value=0,
        key=f"{name}_extra",
        help=_("Dead freight, demurrage, a surcharge, or something that one firm caused."),
    )
    with st.form(name, border=False):
        read_head = _head(view, name)
        estimated = [slot for slot in view.slots if slot.estimate_minor]
        st.caption(_("What the invoice says of each charge of the estimate; leave out what it does not bill."))
        read_estimated = _estimated(view, estimated, name)
        read_extra = [_extra(view, f"{name}_{index}") for index in range(int(extra))]
        if not st.form_submit_button(_("Enter the invoice"), type="primary", key=f"{name}_save"):
            return None

    def draft() -> InvoiceDraft:
        head = read_head()
        lines = [*read_estimated(head["currency"]), *(read(head["currency"]) for read in read_extra)]
        return InvoiceDraft(**head, invoice_lines=tuple(lines))

    return draft


def _head(view: InvoicesView, name: str) -> Callable[[], dict[str, Any]]:
    standing: dict[int | None, str] = {None: _("None: a new invoice")}
    standing |= {each.number: f"{each.number} · {each.reference}" for each in view.invoices if each.stands}
    one, two = st.columns(2)
    with one:
        reference = st.text_input(_("Invoice number"), max_chars=200, key=f"{name}_reference")
        supplier = st.text_input(_("Carrier or agent"), max_chars=200, key=f"{name}_supplier")
        billed = st.date_input(_("Date of the invoice"), today(), format="DD/MM/YYYY", key=f"{name}_date")
    with two:
        currency = choose_currency(view.currency, f"{name}_currency")
        booked = st.number_input(
            _("Charged by the bank ({currency})", currency=view.currency),
            value=None,
            help=_("Only for an invoice in another currency: what it came to. Both amounts are kept."),
            key=f"{name}_booked",
        )
        replaces = st.selectbox(
            _("Corrects"),
            list(standing),
            format_func=standing.__getitem__,
            key=f"{name}_replaces",
        )
    note = st.text_input(_("Note"), max_chars=1000, key=f"{name}_note")
    return lambda: {
        "reference": reference,
        "supplier": supplier,
        "invoice_date": billed,
        "currency": currency,
        "booked_minor": minor_units(booked, view.currency, "booked_minor"),
        "replaces": replaces,
        "note": note,
    }


def slot_words(slot: SlotView) -> str:
    """Return the name of a part of the estimate: the charge, and whose it is where it is one member's."""
    charge = " · ".join(filter(None, (slot.code or word(CHARGE_CLASSES, slot.charge_class), slot.description)))
    return f"{charge} ({slot.member_code})" if slot.member_code else charge


def _estimated(view: InvoicesView, slots: list[SlotView], name: str) -> Callable[[str], list[dict[str, Any]]]:
    amounts = []
    with st.grid(2, min_column_width=300):
        for index, slot in enumerate(slots):
            label = _(
                "{charge}: estimate {amount}", charge=slot_words(slot), amount=money(slot.estimate_minor, view.currency)
            )
            amounts.append(st.number_input(label, value=None, placeholder="–", key=f"{name}_slot_{index}"))
    names = list(map(slot_words, slots))
    open_ones = st.multiselect(
        _("More will still be invoiced for"),
        range(len(slots)),
        format_func=names.__getitem__,
        placeholder=_("Nothing: these charges are complete"),
        help=_("Until a charge is complete, its estimate stands where the invoices do not exceed it."),
        key=f"{name}_open",
    )

    def read(currency: str) -> list[dict[str, Any]]:
        return [
            {
                "charge_code": slot.code,
                "charge_class": slot.charge_class,
                "amount_minor": minor_units(amount, currency, f"invoice_lines[{index}].amount_minor"),
                "causes": (slot.member_code,) if slot.member_code else (),
                "closes": index not in open_ones,
            }
            for index, (slot, amount) in enumerate(zip(slots, amounts, strict=True))
            if amount is not None
        ]

    return read


def _extra(view: InvoicesView, name: str) -> Callable[[str], dict[str, Any]]:
    classes = {code: word(CHARGE_CLASSES, code) for code in INVOICED_CLASSES}
    charges = {"": _("None of the tariff")}
    charges |= {code: " · ".join(filter(None, (code, text))) for code, text in view.charges.items()}
    with st.container(border=True):
        one, two = st.columns(2)
        with one:
            charge_class = st.selectbox(
                _("Class of charges"),
                list(classes),
                index=len(classes) - 1,
                format_func=classes.__getitem__,
                key=f"{name}_class",
            )
            code = st.selectbox(
                _("Charge"),
                list(charges),
                format_func=charges.__getitem__,
                help=_("When it is a charge of the tariff that one firm caused, or that the plan did not need."),
                key=f"{name}_code",
            )
            text = st.text_input(_("Description"), max_chars=300, key=f"{name}_text")
        with two:
            amount = st.number_input(
                _("Amount"), value=0.0, format=f"%.{exponent(view.currency)}f", key=f"{name}_amount"
            )
            names = {each.member_code: each.member_name for each in view.members}
            causes = st.multiselect(
                _("Caused by"),
                list(names),
                format_func=names.__getitem__,
                placeholder=_("Nobody alone: common"),
                help=_("Several firms pay equal parts."),
                key=f"{name}_causes",
            )
    return lambda currency: {
        "charge_code": code,
        "charge_class": charge_class,
        "description": text,
        "amount_minor": minor_units(amount, currency, "amount_minor"),
        "causes": tuple(causes),
    }
