"""Why a consignment stays behind: the limit that binds, its numbers, and the cheapest single change that cures it.

A cure is tried, not guessed: the consignment is planned alone with the change, and priced. Every value of a
detail is text, a number or a list, so that it can be stored and put into words in any language.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.options import admits, fits_whole, in_time, package_fits
from optimizer.problem import (
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
    ProblemError,
)
from optimizer.result import ContainerLoad, Reason, Unplanned

_ENOUGH = 1_000_000
"""More containers than any consignment needs."""

Cure = dict[str, Any]
"""One change: ``change`` names it, ``to`` its new value, ``cost_minor`` the cured consignment alone."""


def explain(problem: ConsolidationProblem, plan: LotPlan, entry: str | Unplanned) -> Unplanned:
    """Return why a consignment of a plan stays behind, and what would let it travel.

    Parameters
    ----------
    entry
        Its id, or an entry whose reason is known already and which then comes back unchanged.
    """
    if isinstance(entry, Unplanned):
        return entry
    consignment = problem.consignment[entry]
    finders = [_no_mode, _wrong_lane, _too_late, _misses_due_date]
    if all(mode is Mode.FCL for mode in problem.settings.modes):
        # In time and free to travel loose, only the end of the search kept it from travelling.
        finders += [_no_container, _too_big, _no_room]
    for find in finders:
        found = find(problem, consignment, plan)
        if found is not None:
            reason, detail = found
            return Unplanned(consignment=entry, reason=reason, detail=detail)
    return Unplanned(consignment=entry, reason=Reason.TIME_LIMIT, detail={})


Found = tuple[Reason, dict[str, Any]] | None


def _no_mode(problem: ConsolidationProblem, consignment: Consignment, plan: LotPlan) -> Found:  # noqa: ARG001
    if problem.settings.modes != (Mode.FCL,) or problem.container_types:
        return None
    modes = [Mode.LCL.value]
    lcl = replace(problem, settings=replace(problem.settings, modes=(Mode.FCL, Mode.LCL)))
    detail: dict[str, Any] = {"modes": [mode.value for mode in problem.settings.modes], "container_types": []}
    return Reason.NO_MODE, _with_cure(detail, _cured(lcl, consignment, {"change": "modes", "add": modes}))


def _wrong_lane(problem: ConsolidationProblem, consignment: Consignment, plan: LotPlan) -> Found:  # noqa: ARG001
    if _lane(problem, consignment):
        return None
    detail = {"origin": consignment.origin, "destination": consignment.destination}
    return Reason.NO_DEPARTURE_ON_LANE, _with_cure(detail, [_new_departure(consignment)])


def _too_late(problem: ConsolidationProblem, consignment: Consignment, plan: LotPlan) -> Found:  # noqa: ARG001
    lane = _lane(problem, consignment)
    if any(consignment.ready_date <= one.cut_off for one in lane):
        return None
    last = max(lane, key=lambda one: (one.cut_off, one.id))
    detail = {
        "ready_date": consignment.ready_date.isoformat(),
        "departure": last.id,
        "latest_cut_off": last.cut_off.isoformat(),
        "days": (consignment.ready_date - last.cut_off).days,
    }
    return Reason.NO_DEPARTURE_AFTER_READY, _with_cure(detail, _other_dates(problem, consignment, lane))


def _misses_due_date(problem: ConsolidationProblem, consignment: Consignment, plan: LotPlan) -> Found:  # noqa: ARG001
    lane = [one for one in _lane(problem, consignment) if consignment.ready_date <= one.cut_off]
    due_date = consignment.due_date
    if due_date is None or any(in_time(problem, consignment, one) for one in lane):
        return None
    first = min(lane, key=lambda one: (one.arrival, one.id))
    detail = {
        "due_date": due_date.isoformat(),
        "departure": first.id,
        "earliest_arrival": first.arrival.isoformat(),
        "days": (first.arrival - due_date).days,
    }
    return Reason.NO_DEPARTURE_BEFORE_DUE, _with_cure(detail, _other_dates(problem, consignment, lane))


def _no_container(problem: ConsolidationProblem, consignment: Consignment, plan: LotPlan) -> Found:  # noqa: ARG001
    """Find that no type may hold the class, or none of those that the consignment is confined to."""
    if any(admits(kind, consignment) for kind in problem.container_types):
        return None
    offered = [kind.code for kind in problem.container_types]
    holding = [kind.code for kind in problem.container_types if consignment.cargo_class in kind.cargo_classes]
    detail: dict[str, Any] = {"cargo_class": consignment.cargo_class, "container_types": offered}
    if holding:
        detail |= {"contained_in": sorted(consignment.contained_in or ()), "holding_the_class": holding}
    cures = (cure for kind in problem.container_types for cure in _admitting(problem, consignment, kind))
    reason = Reason.NO_ALLOWED_CONTAINER if holding else Reason.NO_CONTAINER_FOR_CLASS
    return reason, _with_cure(detail, cures)


def _admitting(problem: ConsolidationProblem, consignment: Consignment, kind: ContainerType) -> Iterator[Cure]:
    """Yield the cure of letting a type hold a consignment: its class, the types that it allows, or both."""
    cure: Cure = {"change": "container_type", "container_type": kind.code}
    changed = problem
    if consignment.cargo_class not in kind.cargo_classes:
        wider = replace(kind, cargo_classes=kind.cargo_classes | {consignment.cargo_class})
        types = tuple(wider if one is kind else one for one in problem.container_types)
        changed = replace(problem, consignments=(), container_types=types)
        cure["cargo_class"] = consignment.cargo_class
    if consignment.contained_in is not None and kind.code not in consignment.contained_in:
        consignment = replace(consignment, contained_in=consignment.contained_in | {kind.code})
        cure["contained_in"] = sorted(consignment.contained_in or ())
    yield from _cured(changed, consignment, cure)


def _too_big(problem: ConsolidationProblem, consignment: Consignment, plan: LotPlan) -> Found:  # noqa: ARG001
    types = [kind for kind in problem.container_types if admits(kind, consignment)]
    if any(_goes_into(kind, consignment) for kind in types):
        return None
    large = max(types, key=lambda kind: (kind.usable_volume_mm3, kind.code))
    strong = max(types, key=lambda kind: (kind.payload_g, kind.code))
    detail = {
        "volume_mm3": consignment.volume_mm3,
        "largest_usable_volume_mm3": large.usable_volume_mm3,
        "mass_g": consignment.mass_g,
        "largest_payload_g": strong.payload_g,
        "container_types": [kind.code for kind in types],
    }
    cures: list[Cure] = []
    if consignment.packages and not consignment.divisible:
        cures.extend(_cured(problem, replace(consignment, divisible=True), {"change": "divisible", "to": True}))
    cures.extend(
        cure
        for kind in problem.container_types
        if not admits(kind, consignment)
        for cure in _admitting(problem, consignment, kind)
    )
    too_heavy = consignment.mass_g > strong.payload_g and consignment.volume_mm3 <= large.usable_volume_mm3
    return (Reason.TOO_HEAVY if too_heavy else Reason.TOO_LARGE), _with_cure(detail, cures)


def _goes_into(kind: ContainerType, consignment: Consignment) -> bool:
    """Say whether containers of this type, as many as needed, hold something of the consignment."""
    return fits_whole(kind, consignment) or (
        consignment.can_split and any(package_fits(package, kind) for package in consignment.packages)
    )


def _no_room(problem: ConsolidationProblem, consignment: Consignment, plan: LotPlan) -> Found:
    """Find that every container type that would do is limited, and the limit used up or too low."""
    types = [kind for kind in problem.container_types if admits(kind, consignment) and _goes_into(kind, consignment)]
    bounded: list[dict[str, Any]] = []
    for departure in _lane(problem, consignment):
        if not in_time(problem, consignment, departure):
            continue
        for kind in types:
            limit = departure.container_limits.get(kind.code)
            if limit is None:
                if fits_whole(kind, consignment):
                    return None
                continue
            used = _used(plan.containers, departure, kind)
            if used < limit and fits_whole(kind, consignment):
                return None
            place = {"departure": departure.id, "container_type": kind.code}
            bounded.append({**place, "limit": limit, "used": used})
    if not bounded:
        return None
    cures = (cure for place in bounded for cure in _raised_limit(problem, consignment, place))
    return Reason.CONTAINER_LIMITS, _with_cure({"limits": bounded}, cures)


def _raised_limit(problem: ConsolidationProblem, consignment: Consignment, place: dict[str, Any]) -> Iterator[Cure]:
    """Yield the cure of more containers of one type on one departure, as many as the consignment needs alone."""
    departure, code = problem.departure[place["departure"]], place["container_type"]
    none = {kind.code: 0 for kind in problem.container_types}
    departures = tuple(
        replace(one, container_limits={**none, code: _ENOUGH} if one is departure else none)
        for one in problem.departures
    )
    cure: Cure = {"change": "container_limits", "departure": departure.id, "container_type": code}
    yield from _cured(
        replace(problem, departures=departures),
        consignment,
        cure,
        lambda alone: {"to": place["used"] + len(alone.containers)},
    )


def _used(containers: Iterable[ContainerLoad], departure: Departure, kind: ContainerType) -> int:
    return sum(one.departure == departure.id and one.container_type == kind.code for one in containers)


def _lane(problem: ConsolidationProblem, consignment: Consignment) -> list[Departure]:
    return [
        one
        for one in problem.departures
        if one.origin == consignment.origin and one.destination == consignment.destination
    ]


def _other_dates(problem: ConsolidationProblem, consignment: Consignment, lane: Iterable[Departure]) -> Iterator[Cure]:
    """Yield the cures of other dates: ready earlier, due later, or a new departure when neither is enough."""
    cures: list[Cure] = []
    for departure in _lane(problem, consignment):
        if consignment.ready_date > departure.cut_off:
            earlier = replace(consignment, ready_date=departure.cut_off)
            days = (consignment.ready_date - departure.cut_off).days
            cures.extend(_cured(problem, earlier, _moved("ready_date", departure.cut_off, days)))
    for departure in lane:
        if consignment.due_date is not None and consignment.ready_date <= departure.cut_off:
            later = replace(consignment, due_date=departure.arrival)
            days = (departure.arrival - consignment.due_date).days
            cures.extend(_cured(problem, later, _moved("due_date", departure.arrival, days)))
    yield from cures or [_new_departure(consignment)]


def _moved(change: str, to: date, days: int) -> Cure:
    return {"change": change, "to": to.isoformat(), "days": days}


def _new_departure(consignment: Consignment) -> Cure:
    """Return the cure of one more departure; its price is not known."""
    due_date = consignment.due_date.isoformat() if consignment.due_date else None
    return {
        "change": "add_departure",
        "origin": consignment.origin,
        "destination": consignment.destination,
        "cut_off_from": consignment.ready_date.isoformat(),
        "arrival_until": due_date,
    }


def _cured(
    problem: ConsolidationProblem,
    consignment: Consignment,
    cure: Cure,
    more: Callable[[LotPlan], Cure] = lambda alone: {},  # noqa: ARG005
) -> list[Cure]:
    """Return the cure with its price, or nothing when the consignment could not travel alone even so."""
    try:
        changed = replace(problem, consignments=(consignment,))
    except ProblemError:
        return []
    alone = first_plan(changed)
    if alone.unplanned:
        return []
    cost_minor = price(changed, alone.containers, alone.lcl, alone.postal).cost_minor
    return [{**cure, **more(alone), "cost_minor": cost_minor}]


def _with_cure(detail: dict[str, Any], cures: Iterable[Cure]) -> dict[str, Any]:
    """Add the cure of fewest days, then least cost, then first found; nothing when there is none."""
    found = list(cures)
    if not found:
        return detail
    return {**detail, "cure": min(found, key=lambda cure: (cure.get("days", 0), cure.get("cost_minor", 0)))}
