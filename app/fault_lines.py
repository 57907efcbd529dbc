"""Faults of what somebody entered on a page, as sentences that name the field by its label."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.formats import plain
from app.labels import ORDER_STATES, SHIPMENT_STATES, word
from app.texts import _, current_language, mark
from consortium.errors import InputFault, Place, StateError
from consortium.fault_texts import sentence
from consortium.service_texts import OTHER_STATE, STATES, filled
from consortium.texts import translate

FIELDS = {
    "code": mark("Code"),
    "name": mark("Name"),
    "kind": mark("Kind"),
    "country": mark("Country"),
    "currency": mark("Currency"),
    "time_zone": mark("Time zone"),
    "allocation_rule": mark("Rule for sharing the cost"),
    "tax_id": mark("Tax number"),
    "sector": mark("Sector"),
    "represented_units": mark("Producers represented"),
    "joined_on": mark("Joined on"),
    "left_on": mark("Left on"),
    "member_id": mark("Member"),
    "buyer": mark("Buyer"),
    "origin": mark("Origin"),
    "destination": mark("Destination"),
    "ready_date": mark("Ready on"),
    "due_date": mark("Due on"),
    "cargo_class": mark("Class of cargo"),
    "incoterm": mark("Incoterms rule"),
    "named_place": mark("Named place"),
    "value_minor": mark("Value of the goods"),
    "delay_cost_ppm_per_day": mark("Cost of waiting"),
    "divisible": mark("May be split"),
    "volume_cm3": mark("Volume"),
    "mass_g": mark("Gross mass"),
    "note": mark("Note"),
    "lines": mark("Packages"),
    "quantity": mark("Quantity"),
    "length_mm": mark("Length"),
    "width_mm": mark("Width"),
    "height_mm": mark("Height"),
    "max_load_g": mark("May carry on top"),
    "package_length_mm": mark("Length"),
    "package_width_mm": mark("Width"),
    "package_height_mm": mark("Height"),
    "package_mass_g": mark("Gross mass"),
    "description": mark("Description"),
    "hs": mark("HS code"),
    "carrier": mark("Carrier"),
    "cut_off": mark("Cut-off"),
    "cut_off_at": mark("Cut-off"),
    "departure": mark("Departure"),
    "arrival": mark("Arrival"),
    "container_limits": mark("Containers available"),
    "valid_from": mark("Valid from"),
    "valid_to": mark("Valid to"),
    "source": mark("Source"),
    "basis": mark("Counted"),
    "amount_minor": mark("Amount"),
    "rate_ppm": mark("Rate"),
    "minimum_minor": mark("Minimum"),
    "maximum_minor": mark("Maximum"),
    "container_types": mark("Container types"),
    "modes": mark("Ways of travelling"),
    "incoterm_stage": mark("Stage"),
    "allocation_key": mark("Shared"),
    "due_on": mark("To be paid until"),
    "expense": mark("Expense"),
    "first_on": mark("From"),
    "last_on": mark("Until"),
    "number": mark("Invoice number"),
    "reason": mark("Why"),
    "reference": mark("Reference"),
    "supplier": mark("Supplier"),
    "value_date": mark("Date"),
    "title": mark("Title"),
    "order_ids": mark("Orders"),
    "orders": mark("Order"),
    "consignments": mark("Consignment"),
    "packages": mark("Packages"),
    "departures": mark("Departure"),
    "charges": mark("Charge"),
    "members": mark("Member"),
    "from": mark("From units"),
    "missed_due_date": mark("May arrive after the due date"),
    "incompatible_classes": mark("Classes that may not travel together"),
    "steps": mark("Price breaks"),
    "from_units": mark("From units"),
    "product_id": mark("Product"),
    "settings": mark("Settings"),
    "gross_mass_over_g": mark("Only above a gross mass of"),
    "origins": mark("Origins"),
    "destinations": mark("Destinations"),
    "cargo_classes": mark("Classes of cargo"),
    "username": mark("User name"),
    "display_name": mark("Full name"),
    "password": mark("Password"),
    "old": mark("Present password"),
    "new": mark("New password"),
    "role": mark("Role"),
    "language": mark("Language"),
    "rule": mark("Rule"),
    "keys": mark("Class of charges"),
    "text": mark("What was decided"),
    "decided_on": mark("Decided on"),
    "votes_for": mark("Votes for"),
    "votes_against": mark("Votes against"),
    "abstentions": mark("Abstentions"),
    "invoice_date": mark("Date of the invoice"),
    "booked_minor": mark("Charged by the bank"),
    "replaces": mark("Corrects"),
    "invoice_lines": mark("Line"),
    "charge_code": mark("Charge"),
    "charge_class": mark("Class of charges"),
    "causes": mark("Caused by"),
}
"""Name of a field in drafts -> its label on pages."""

OWN_SENTENCES = {
    "too_fine": mark("finer than the smallest unit that is kept"),
    "missing": mark("is missing"),
    "duplicate": mark("is used already; choose another"),
    "order_gathered": mark("is in a pooled shipment already"),
    "order_shipped": mark("is shipped already"),
    "order_withdrawn": mark("was withdrawn"),
    "taken": mark("somebody has it already"),
    "class_mismatch": mark("differs from the class of the products"),
    "same_port": mark("must differ from the origin"),
    "date_order": mark("is before a date that must come first"),
    "wrong_price": mark("does not go with the way this charge is counted"),
}
"""Fault code -> what is wrong, where the sentence for files would say more than a page needs."""

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<index>[^\]]+)\])?")


def field_label(path: str, subjects: Sequence[str] = ()) -> str:
    """Return the label of a field by its path in the draft: `lines[2].mass_g` is "Packages 3, gross mass".

    Parameters
    ----------
    path
        As services name it.
    subjects
        What `order_ids[0]`, `order_ids[1]`, ... are called, where a service took several orders.
    """
    labels = []
    for step in _STEP.finditer(path):
        name, index = step["name"], step["index"]
        if name == "order_ids" and index is not None and int(index) < len(subjects):
            labels.append(subjects[int(index)])
        elif index is None:
            labels.append(word(FIELDS, name))
        else:
            labels.append(f"{word(FIELDS, name)} {int(index) + 1 if index.isdecimal() else index}")
    return ", ".join(labels)


def fault_line(fault: InputFault, subjects: Sequence[str] = ()) -> str:
    """Return one fault as a line of Markdown: the field in bold, then what is wrong with it."""
    own = OWN_SENTENCES.get(fault.code)
    what = _(own) if own else plain(what_is_wrong(fault))
    label = field_label(fault.path, subjects)
    return f"**{plain(label)}**: {what}" if label else what


def what_is_wrong(fault: InputFault) -> str:
    """Return what is wrong, without the place."""
    return sentence(replace(fault, path="", place=Place()), translate(current_language()))


def wrong_state_line(error: StateError) -> str:
    """Return why something cannot be done now, with states in words."""
    why = _(STATES.get(error.code, OTHER_STATE))
    states = {**ORDER_STATES, **SHIPMENT_STATES}
    return filled(why, {name: plain(word(states, value)) for name, value in error.values.items()})
