"""Judge of plans: recounts everything that a plan claims, with additions and comparisons, and never searches.

The rules of a violation, by what they compare:

- ids: `unknown_consignment`, `unknown_departure`, `unknown_container_type`, `unknown_package`, `duplicate_container`
- places: `package_places`, `consignment_places`, `quantity`, `indivisible`, `repeated_part`, `empty_container`
- travel: `lane`, `cut_off`, `due_date`, `mode`
- containers: `volume_limit`, `payload`, `cargo_class`, `contained_in`, `package_fit`, `incompatible_classes`,
  `container_limit`, `mass_stated`, `volume_stated`
- placements: `placed_packages`, `support_policy`, and the rules of `checking_geometry`, of `checking_pallets`
- money: `charge_missing`, `charge_extra`, `charge_units`, `charge_amount`, `delay_missing`, `delay_extra`,
  `delay_days`, `delay_amount`, `cost`
- proof: `bound`, `status`, `unplanned_reason`, `unplanned_could_travel`
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from optimizer.checking_charges import check_charges
from optimizer.checking_load_plans import check_load_plans
from optimizer.checking_lots import Lot, Place, broken, lots_of, places_of, totals
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, MissedDueDate, Mode
from optimizer.result import ContainerLoad, Reason, ShipmentPlan, SolveStatus, Violation


def check_plan(problem: ConsolidationProblem, plan: ShipmentPlan) -> tuple[Violation, ...]:
    """List everything in which a plan breaks a rule of its problem or claims a wrong number.

    Parameters
    ----------
    problem
        The problem that the plan claims to answer.
    plan
        Any plan, also a malformed one: unknown ids become violations.

    Returns
    -------
    tuple[Violation, ...]
        All violations with the claimed and the found value; empty for a correct plan. Optimality itself
        is not re-proven: only that cost, bound and status do not contradict each other.
    """
    places = list(places_of(plan))
    lots = list(lots_of(problem, places))
    return (
        *_known_ids(problem, plan, places),
        *_everything_once(problem, plan, places),
        *_travel(problem, lots),
        *_containers(problem, plan, lots),
        *_loose_totals(problem, plan),
        *check_load_plans(problem, plan),
        *check_charges(problem, plan, lots),
        *_bound_and_status(problem, plan, places),
        *_unplanned(problem, plan),
    )


def _known_ids(problem: ConsolidationProblem, plan: ShipmentPlan, places: Iterable[Place]) -> Iterator[Violation]:
    for name, number in Counter(load.id for load in plan.containers).items():
        if number > 1:
            yield broken("duplicate_container", name, f"{number} times", "once at most")
    for load in plan.containers:
        if load.container_type not in problem.container_type:
            yield _unknown("container_type", load.id, load.container_type)
        if load.departure not in problem.departure:
            yield _unknown("departure", load.id, load.departure)
        if not load.contents:
            yield broken("empty_container", load.id, "planned", "no contents")
    for place in places:
        if place.container is None and place.departure not in problem.departure:
            yield _unknown("departure", place.name, place.departure)
        if place.part.consignment not in problem.consignment:
            yield _unknown("consignment", place.name, place.part.consignment)
    for entry in plan.unplanned:
        if entry.consignment not in problem.consignment:
            yield _unknown("consignment", "unplanned", entry.consignment)


def _unknown(what: str, subject: str, claimed: str) -> Violation:
    return broken(f"unknown_{what}", subject, claimed, "not in the problem")


def _everything_once(problem: ConsolidationProblem, plan: ShipmentPlan, places: Iterable[Place]) -> Iterator[Violation]:
    """Every package is in exactly one place or unplanned; what may not be split stays together."""
    parts: defaultdict[str, list[tuple[str, Mapping[str, int]]]] = defaultdict(list)
    for place in places:
        parts[place.part.consignment].append((place.name, place.part.packages))
    travelling = {name: Counter(where for where, _ in found) for name, found in parts.items()}
    for entry in plan.unplanned:
        consignment = problem.consignment.get(entry.consignment)
        everything = {one.id: one.quantity for one in consignment.packages} if consignment else {}
        parts[entry.consignment].append(("unplanned", entry.packages or everything))
    for consignment in problem.consignments:
        found = parts[consignment.id]
        yield from _package_counts(consignment, found)
        if not consignment.can_split and len(found) > 1:
            where = ", ".join(name for name, _ in found)
            yield broken("indivisible", consignment.id, where, "one place at most")
        if not consignment.packages and len(found) != 1:
            yield broken("consignment_places", consignment.id, f"{len(found)} places", "1 place")
        for name, number in travelling.get(consignment.id, Counter()).items():
            if number > 1:
                yield broken("repeated_part", f"{consignment.id} in {name}", f"{number} parts", "1 part at most")


def _package_counts(consignment: Consignment, found: Sequence[tuple[str, Mapping[str, int]]]) -> Iterator[Violation]:
    quantities = {one.id: one.quantity for one in consignment.packages}
    counted: Counter[str] = Counter()
    for name, packages in found:
        subject = f"{consignment.id} in {name}"
        if quantities and not packages:
            yield broken("quantity", subject, "no packages", "1 package at least")
        for package, quantity in packages.items():
            if package not in quantities:
                yield _unknown("package", subject, package)
            elif quantity < 1:
                yield broken("quantity", f"{subject}: {package}", quantity, "1 package at least")
            counted[package] += quantity
    for package, quantity in quantities.items():
        if counted[package] != quantity:
            yield broken(
                "package_places",
                f"{consignment.id}: {package}",
                f"{counted[package]} packages placed or unplanned",
                f"{quantity} packages to place",
            )


def _travel(problem: ConsolidationProblem, lots: Iterable[Lot]) -> Iterator[Violation]:
    for lot in lots:
        one, departure = lot.consignment, lot.departure
        subject = f"{one.id} in {lot.place.name}"
        if (one.origin, one.destination) != (departure.origin, departure.destination):
            yield broken(
                "lane", subject, f"{departure.origin}-{departure.destination}", f"{one.origin}-{one.destination}"
            )
        if one.ready_date > departure.cut_off:
            yield broken("cut_off", subject, f"cut-off {departure.cut_off}", f"ready {one.ready_date}")
        forbidden = problem.settings.missed_due_date is MissedDueDate.FORBIDDEN
        if forbidden and one.due_date is not None and departure.arrival > one.due_date:
            yield broken("due_date", subject, f"arrival {departure.arrival}", f"due {one.due_date}")
        if lot.place.mode not in problem.settings.modes:
            yield broken("mode", subject, lot.place.mode, ", ".join(problem.settings.modes))


def _containers(problem: ConsolidationProblem, plan: ShipmentPlan, lots: Sequence[Lot]) -> Iterator[Violation]:
    for index, load in enumerate(plan.containers):
        inside = [lot for lot in lots if lot.place.container == index]
        container_type = problem.container_type.get(load.container_type)
        if container_type is not None and len(inside) == len(load.contents):
            yield from _one_container(problem, load, container_type, inside)
    used = Counter((load.departure, load.container_type) for load in plan.containers)
    for (departure, code), number in used.items():
        limit = problem.departure[departure].container_limits.get(code) if departure in problem.departure else None
        if limit is not None and number > limit:
            yield broken("container_limit", f"{code} on {departure}", number, f"limit {limit}")


def _one_container(
    problem: ConsolidationProblem, load: ContainerLoad, container_type: ContainerType, inside: Sequence[Lot]
) -> Iterator[Violation]:
    volume, mass = sum(lot.volume_mm3 for lot in inside), sum(lot.mass_g for lot in inside)
    yield from _stated(load.id, load.volume_mm3, load.mass_g, volume, mass)
    if load.load_plan is None and volume > container_type.usable_volume_mm3:
        limit = container_type.usable_volume_mm3
        yield broken("volume_limit", load.id, f"{volume} mm3", f"limit {limit} mm3")
    if mass > container_type.payload_g:
        yield broken("payload", load.id, f"{mass} g", f"limit {container_type.payload_g} g")
    for lot in inside:
        one, subject = lot.consignment, f"{lot.consignment.id} in {load.id}"
        if one.cargo_class not in container_type.cargo_classes:
            allowed = ", ".join(sorted(container_type.cargo_classes))
            yield broken("cargo_class", subject, one.cargo_class, allowed)
        if one.contained_in is not None and container_type.code not in one.contained_in:
            allowed = ", ".join(sorted(one.contained_in))
            yield broken("contained_in", subject, container_type.code, allowed)
        for package in one.packages:
            if lot.place.part.packages.get(package.id) and not package.fits(container_type):
                sizes = f"{package.length_mm} x {package.width_mm} x {package.height_mm} mm"
                yield broken("package_fit", f"{subject}: {package.id}", container_type.code, sizes)
    for first, second in combinations(sorted({lot.consignment.cargo_class for lot in inside}), 2):
        if not problem.compatible(first, second):
            yield broken("incompatible_classes", load.id, f"{first} with {second}", "incompatible")


def _stated(subject: str, volume_said: int, mass_said: int, volume: int, mass: int) -> Iterator[Violation]:
    if volume_said != volume:
        yield broken("volume_stated", subject, f"{volume_said} mm3", f"{volume} mm3")
    if mass_said != mass:
        yield broken("mass_stated", subject, f"{mass_said} g", f"{mass} g")


def _loose_totals(problem: ConsolidationProblem, plan: ShipmentPlan) -> Iterator[Violation]:
    for mode, entries in ((Mode.LCL, plan.lcl), (Mode.POSTAL, plan.postal)):
        for index, entry in enumerate(entries):
            consignment = problem.consignment.get(entry.part.consignment)
            if consignment is not None:
                volume, mass, _ = totals(consignment, entry.part)
                yield from _stated(f"{mode}[{index}]", entry.volume_mm3, entry.mass_g, volume, mass)


def _bound_and_status(
    problem: ConsolidationProblem, plan: ShipmentPlan, places: Sequence[Place]
) -> Iterator[Violation]:
    if plan.lower_bound_minor > plan.cost_minor:
        bound = f"bound {plan.lower_bound_minor}"
        yield broken("bound", "plan", bound, f"cost {plan.cost_minor}")
    if plan.status is SolveStatus.OPTIMAL and plan.lower_bound_minor != plan.cost_minor:
        gap = f"bound {plan.lower_bound_minor}, cost {plan.cost_minor}"
        yield broken("status", "plan", "optimal", gap)
    answered = plan.status in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE)
    if places and not answered:
        yield broken("status", "plan", plan.status, f"{len(places)} planned lots")
    if problem.consignments and not places and answered:
        yield broken("status", "plan", plan.status, "nothing planned")
    if not problem.consignments and plan.status is SolveStatus.INFEASIBLE:
        yield broken("status", "plan", plan.status, "nothing to plan")


def _unplanned(problem: ConsolidationProblem, plan: ShipmentPlan) -> Iterator[Violation]:
    """Re-check the reasons that the calendar decides: on the lane, after ready_date, before due_date."""
    strict = problem.settings.missed_due_date is MissedDueDate.FORBIDDEN
    loose = [mode for mode in problem.settings.modes if mode is not Mode.FCL]
    for entry in plan.unplanned:
        one = problem.consignment.get(entry.consignment)
        if one is None:
            continue
        lane = [ship for ship in problem.departures if (ship.origin, ship.destination) == (one.origin, one.destination)]
        ready = [ship for ship in lane if one.ready_date <= ship.cut_off]
        in_time = [ship for ship in ready if not (strict and one.due_date and ship.arrival > one.due_date)]
        contradicting = {
            Reason.NO_DEPARTURE_ON_LANE: lane,
            Reason.NO_DEPARTURE_AFTER_READY: ready,
            Reason.NO_DEPARTURE_BEFORE_DUE: in_time,
        }.get(entry.reason)
        if contradicting:
            names = ", ".join(ship.id for ship in contradicting)
            yield broken("unplanned_reason", one.id, entry.reason, names)
        elif loose and in_time and entry.reason is not Reason.TIME_LIMIT:
            yield broken("unplanned_could_travel", one.id, entry.reason, f"{loose[0]} on {in_time[0].id}")
