"""Sentences about plans: statuses, stages, reasons why something stays behind, and what would cure it."""

from collections.abc import Mapping
from typing import Any

from consortium.texts import Texts, mark

STATUSES = {
    "optimal": mark("proven cheapest"),
    "feasible": mark("good, not proven cheapest"),
    "infeasible": mark("nothing can travel"),
    "unknown": mark("no answer within the limits"),
}

STAGES = {
    "pallets": mark("putting cartons onto pallets"),
    "reading": mark("reading"),
    "planning": mark("planning"),
    "first_plan": mark("first plan"),
    "improve": mark("looking for the cheapest containers"),
    "loading": mark("loading the containers"),
    "bounding": mark("looking for denser loads that cost less"),
    "judging": mark("judging"),
    "planned": mark("planned"),
    "coalitions": mark("pricing every group of members"),
    "sharing": mark("sharing the cost"),
    "shapley": mark("estimating the shares"),
    "comparing": mark("pricing each member alone"),
    "alternatives": mark("looking for other plans"),
    "wishes": mark("pricing wishes"),
    "replaying": mark("sharing past shipments again"),
}
"""Stages of a search; others are told by their own names."""

MISSING_SHARES = {
    "nothing_travels": mark("nothing travels"),
    "stopped": mark("the search was stopped before"),
    "too_many_members": mark("this rule has no answer for so many members; shapley and lp_prices have one"),
    "time": mark("the time limit was reached before"),
}

REASONS = {
    "no_departure_on_lane": mark("no departure from {origin} to {destination}"),
    "no_departure_after_ready_date": mark("ready on {ready_date}, after the last cut-off {latest_cut_off}"),
    "no_departure_before_due_date": mark("due on {due_date}, the earliest arrival is {earliest_arrival}"),
    "no_container_for_cargo_class": mark("no container type takes the cargo class {cargo_class}"),
    "no_allowed_container_type": mark("none of the container types that it allows may hold it"),
    "too_large_for_every_container": mark("too large for every container"),
    "too_heavy_for_every_container": mark("too heavy for every container"),
    "container_limits": mark("the departures have no containers left"),
    "no_mode_of_transport": mark("no way of travelling is allowed"),
    "time_limit": mark("the search ended before a place was found"),
}

CURES = {
    "ready_date": mark("it travels if it is ready on {to}"),
    "due_date": mark("it travels if {to} is accepted as its due date"),
    "add_departure": mark("it travels with a departure {origin} - {destination} closing on {cut_off_from} or later"),
    "modes": mark("it travels if {add} is allowed"),
    "divisible": mark("it travels if it may be divided"),
    "container_type": mark("it travels if it may go into {container_type}"),
    "container_limits": mark("it travels with {to} containers {container_type} on {departure}"),
}

VIOLATION = mark("{rule} ({subject}): claimed {claimed}, found {found}")


def reason_sentence(reason: str, detail: Mapping[str, Any], texts: Texts) -> str:
    """Say why a consignment cannot travel; details that are missing leave the bare code."""
    return _filled(REASONS.get(reason, reason), detail, texts) or reason


def cure_sentence(detail: Mapping[str, Any], texts: Texts) -> str:
    """Say what would let it travel; empty when no cure is known."""
    cure = detail.get("cure")
    if not isinstance(cure, Mapping) or cure.get("change") not in CURES:
        return ""
    return _filled(CURES[str(cure["change"])], cure, texts)


def _filled(sentence: str, values: Mapping[str, Any], texts: Texts) -> str:
    shown = {key: ", ".join(map(str, one)) if isinstance(one, list | tuple) else one for key, one in values.items()}
    try:
        return texts.gettext(sentence).format(**shown)
    except (KeyError, IndexError):
        return ""
