"""Sentences about what services refuse, beside those about files in `fault_texts`."""

from collections.abc import Mapping

from consortium.texts import mark

SENTENCES = {
    "cause_needed": mark("by the rule in force this goes to whoever caused it: name the firm"),
    "cause_shared": mark("by the rule in force everybody shares this, whoever caused it: name nobody"),
    "check_digit": mark("the check digit of the container number is wrong: expected {expected}, found {found}"),
    "class_mismatch": mark("the class of cargo is not that of the product: expected {expected}, found {found}"),
    "last_administrator": mark("at least one administrator must remain: {found} is the last one"),
    "member_elsewhere": mark("this person acts for another firm of this consortium already"),
    "member_needed": mark("choose the member firm that this person acts for"),
    "member_not_allowed": mark("only members act for a firm"),
    "no_departure_fits": mark("no departure of this lane suits the dates: expected {expected}, found {found}"),
    "not_carried": mark("no majority: expected {expected}, found {found}"),
    "rate_differs": mark("this day is known with another rate: expected {expected}, found {found}"),
    "rate_missing": mark("there is no rate to convert it: expected {expected}"),
    "order_gathered": mark("the order {found} is in a pooled shipment already"),
    "order_shipped": mark("the order {found} is shipped already"),
    "order_withdrawn": mark("the order {found} was withdrawn"),
    "password_contains_username": mark("must not contain the user name"),
    "password_too_long": mark("too long: expected {expected}"),
    "password_too_short": mark("too short: expected {expected}"),
    "password_too_simple": mark("too simple: use at least five different characters"),
    "password_unchanged": mark("this is your present password; choose another"),
    "password_wrong": mark("this is not your present password"),
    "rule_decided": mark("the members decided on the rule {expected}; a shipment cannot have another"),
    "taken": mark("somebody has it already: found {found}"),
    "unknown": mark("expected {expected}, found {found}"),
    "username_form": mark("2 to 100 small letters, digits and . _ @ + -"),
    "wrong_time_zone": mark("the time zone is missing: expected {expected}, found {found}"),
}
"""Fault code -> what is wrong, in English; the place goes before it."""

EXPECTATIONS = (
    mark("2 to 100 of a-z 0-9 . _ @ + -"),
    mark("4 letters and 7 digits such as CSQU3054383"),
    mark("4 to 12 digits of the Harmonized System"),
    mark("a code without {characters}"),
    mark("a code that is not used yet"),
    mark("a date >= {date}"),
    mark("a number > 0 such as 1.0835"),
    mark("a rate of {currency} in {home} near {day}"),
    mark("a whole number of cents of {currency}"),
    mark("an amount"),
    mark("an amount other than 0"),
    mark("an amount, or a rate for a commission"),
    mark("another currency"),
    mark("another stage"),
    mark("CAMT.053 or OFX or CSV"),
    mark("Date, USD, JPY ... as the ECB writes it"),
    mark("either a member or a supplier"),
    mark("either a shipment or an expense"),
    mark("exactly one of member, supplier, income, expense"),
    mark("one rate a day of a source"),
    mark("rows of the file"),
    mark("the statements of one account"),
    mark("what the bank counted"),
    mark("XML without a document type"),
    mark("a country of ISO 3166 such as CO"),
    mark("a charge of the shipment"),
    mark("a date <= {name} {date}"),
    mark("a date >= {name} {date}"),
    mark("a day up to {day}"),
    mark("a charge or a member"),
    mark("a date from {first} to {last}"),
    mark("a charge of the plan"),
    mark("a firm of the consortium"),
    mark("a firm that takes part in the shipment"),
    mark("a firm that the plan charges"),
    mark("a firm with orders that could still join"),
    mark("a package of this container"),
    mark("a place in mm"),
    mark("a way in which the package may stand"),
    mark("a moment from {first} to {last}"),
    mark("a moment with its time zone"),
    mark("a port of the list of ports"),
    mark("a product of the member"),
    mark("a state that allows it"),
    mark("a text that is not empty"),
    mark("a time zone such as America/Bogota"),
    mark("a {kind} that exists"),
    mark("an integer"),
    mark("an invoice that is not entered yet"),
    mark("an order that is entered and in no shipment"),
    mark("at least {least} characters"),
    mark("at most {most} charges and members"),
    mark("dates that suit one of {departures}"),
    mark("each only once"),
    mark("each order only once"),
    mark("goods that fit one container, or divisible ones with several packages"),
    mark("integer >= 1, or a product"),
    mark("integer >= 1, or lines"),
    mark("integer {number}"),
    mark("lower-case letters, digits and _"),
    mark("minutes, or the votes"),
    mark("more than {number} votes"),
    mark("no such key"),
    mark("one or more orders"),
    mark("one or more, or nothing at all"),
    mark("only with basis container"),
    mark("the firm stays the same"),
    mark("the sum in {currency}"),
    mark("the firm whose order it is"),
    mark("{digit} as the last digit"),
    mark("{cargo_class}, the class of product {code}"),
)
"""What faults of services expect, as patterns."""

DISCOVERIES = (
    mark("amount_minor or steps"),
    mark("ready {ready}, due any day"),
    mark("ready {ready}, due {due}"),
)
"""What faults of services find, where it is not a value of the user."""

STATES = {
    "budget_exceeded": mark("The line {line} holds {held} at this stage, less than {found}."),
    "entry_is_reversal": mark("Entry {entry} takes another one back and cannot be taken back itself. Book it anew."),
    "entry_reversed": mark("Entry {entry} was taken back already."),
    "movement_assigned": mark("Of this movement {left} is left to assign, less than {found}."),
    "invoices_booked": mark(
        "Invoices of the shipment {shipment} stand in the books already."
        " Take them back there before you enter them here."
    ),
    "invoices_entered": mark(
        "Invoices of the shipment {shipment} are entered on its own page."
        " They are booked with the difference to the invoices."
    ),
    "nothing_invoiced": mark("No invoice of the shipment {shipment} is booked yet."),
    "period_closed": mark("The books are closed until {until}. Date it later."),
    "transfer_done": mark("Transfer {transfer} is booked already."),
    "code_in_use": mark("The code is in use in a tariff or a shipment and cannot change."),
    "database_is_newer": mark(
        "The database was written by a later version of this product (it has {found}, this version knows {newest}). "
        "Install that version."
    ),
    "departure_in_use": mark("The charge {charge} names this departure. Change the charge first."),
    "invoice_replaced": mark("Invoice {number} was replaced already."),
    "member_has_consignments": mark("The member still has orders in the pooled shipment {shipment}."),
    "member_left": mark("The member has left the consortium."),
    "load_being_solved": mark("The rest is being loaded around the pins already. Wait for it, or stop it first."),
    "load_changed_meanwhile": mark("The load was changed while it was being solved."),
    "load_not_accepted": mark("The judge does not accept this load, or a package is out. Mend it before saving."),
    "load_on_pallets": mark("These goods stand on pallets. Load them without pallets before you move single packages."),
    "pallets_do_not_fit": mark(
        "Not everything fits the container this way: {number} packages or pallets stay out. Nothing was changed."
    ),
    "no_free_place": mark("There is no free corner near there where this fits and stands."),
    "rule_in_use": mark("The pooled shipment {shipment} is shared by this decision, so it can no longer change."),
    "rule_withdrawn": mark("Decision {number} was withdrawn already."),
    "nothing_to_replay": mark("No shipment is agreed yet, so there is nothing to compare with."),
    "nothing_gathered": mark("Nothing is gathered yet. Choose orders first."),
    "order_cannot_change": mark("The order can no longer be changed: it is “{state}”."),
    "pins_not_accepted": mark("What is pinned breaks a rule by itself. Move or free it first."),
    "plan_not_in_force": mark("Another plan has been made meanwhile. Look at it first."),
    "plan_without_answer": mark("This plan carries nothing, so there is nothing to agree on."),
    "plan_without_shares": mark("This plan has no cost shares. Plan again without cancelling."),
    "planning_under_way": mark("Another plan is being made already. Wait for it, or cancel it first."),
    "shipment_already_agreed": mark("The shipment is agreed already; its plan can no longer change."),
    "shipment_changed_meanwhile": mark("The shipment was changed while it was being planned. Plan it again."),
    "shipment_not_agreed": mark("The shipment must be agreed first; it is “{state}”."),
    "shipment_not_frozen": mark("The shipment must be frozen first; it is “{state}”."),
    "shipment_not_open": mark("The shipment is no longer open: it is “{state}”. Reopen it to change what travels."),
    "shipment_not_planned": mark("The shipment has no plan to agree on; it is “{state}”."),
    "study_under_way": mark("Another question of yours is being worked out. Wait for it, or stop it first."),
    "too_few_firms": mark(
        "With fewer than {least} other firms in the shipment the answer would tell what a rival ships. Ask the manager."
    ),
    "time_limit_out_of_range": mark("The limit of the search must be 1 to {most} seconds, not {found}."),
}
"""Code of a refusal by state (`consortium.errors.StateError`) -> why, with the values that the error holds."""

OTHER_STATE = mark("This cannot be done now: something has changed meanwhile.")


class _Known(dict[str, object]):
    """Values of a refusal; what it does not hold is left out of the sentence."""

    def __missing__(self, key: str) -> str:
        return "…"


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """Return the sentence about a state, already in the reader's language, with its values filled in."""
    return sentence.format_map(_Known(values))
