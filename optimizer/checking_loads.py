"""Judge of answers to load problems: recounts everything that an answer claims, and never searches.

The rules of a violation, by what they compare:

- ids: `unknown_container`, `unknown_package`
- counts: `package_places`, `quantity`, `empty_container`, `container_limit`, `pinned`, `pinned_step`
- containers: `payload`, `cargo_class`, `incompatible_classes`, and the rules of `checking_geometry`
- numbers: `fill_stated`, `mass_stated`, `centre_of_gravity_stated`
- proof: `bound`, `status`, `support_policy`, `unloaded_reason`, `unloaded_could_travel`

The centre of gravity is worked out here once more: the judge has its own arithmetic for it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from optimizer.checking_geometry import MM_PER_M, check_geometry
from optimizer.checking_lots import broken
from optimizer.checking_placements import check_policy, policy_permille, stranger
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective
from optimizer.load_result import LoadAnswer, LoadedContainer, StaysOut
from optimizer.result import Placement, SolveStatus, Violation
from optimizer.units import round_half_up

Standing = Sequence[tuple[Placement, LoadPackage]]
"""Placements of one container, each with its kind of package."""


def check_loads(problem: LoadProblem, answer: LoadAnswer) -> tuple[Violation, ...]:
    """List everything in which an answer breaks a rule of its load problem or claims a wrong number.

    Parameters
    ----------
    problem
        The problem that the answer claims to solve.
    answer
        Any answer, also a malformed one: unknown ids become violations.

    Returns
    -------
    tuple[Violation, ...]
        All violations with the claimed and the found value; empty for a correct answer. Optimality itself is not
        re-proven: only that value, bound and status do not contradict each other.
    """
    return (
        *check_policy("answer", answer.support, problem.support_permille),
        *_counts(problem, answer),
        *_containers_used(problem, answer),
        *(one for index, load in enumerate(answer.loads) for one in _one_load(problem, answer, index, load)),
        *_pinned(problem, answer),
        *_unloaded(problem, answer),
        *_bound_and_status(problem, answer),
    )


def centre_of_gravity_permille(container: LoadContainer, standing: Standing) -> tuple[int, int, int]:
    """Return where the cargo's mass is centred along, across and up, in permille of the inside, rounded half up.

    Where nothing has a mass it is the middle of the floor.
    """
    mass_g = sum(kind.mass_g for _, kind in standing)
    if not mass_g:
        return 500, 500, 0
    moments = (  # of twice the distances, since the middle of a package may lie on half a millimetre
        sum(kind.mass_g * (2 * one.x_mm + one.dx_mm) for one, kind in standing),
        sum(kind.mass_g * (2 * one.y_mm + one.dy_mm) for one, kind in standing),
        sum(kind.mass_g * (2 * one.z_mm + one.dz_mm) for one, kind in standing),
    )
    inside = (container.length_mm, container.width_mm, container.height_mm)
    along, across, up = (
        round_half_up(Fraction(1000 * moment, 2 * mass_g * size)) for moment, size in zip(moments, inside, strict=True)
    )
    return along, across, up


def recounted(container: LoadContainer, standing: Standing) -> LoadedContainer:
    """Return what stands in a container, in this order, with all its numbers worked out anew."""
    packed_mm3 = sum(place.dx_mm * place.dy_mm * place.dz_mm for place, _ in standing)
    return LoadedContainer(
        container=container.code,
        placements=tuple(place for place, _ in standing),
        fill_permille=1000 * packed_mm3 // container.volume_mm3,
        mass_g=sum(kind.mass_g for _, kind in standing),
        centre_of_gravity_permille=centre_of_gravity_permille(container, standing),
    )


def _name(index: int, code: str) -> str:
    return f"loads[{index}] {code}"


def _counts(problem: LoadProblem, answer: LoadAnswer) -> Iterator[Violation]:
    """Every package of the problem is loaded or unloaded exactly once, and nothing else is."""
    loaded = Counter((one.consignment, one.package) for load in answer.loads for one in load.placements)
    out: Counter[tuple[str, str]] = Counter()
    for entry in answer.unloaded:
        out[entry.consignment, entry.package] += entry.quantity
        if entry.quantity < 1:
            yield broken("quantity", f"unloaded: {entry.package}", entry.quantity, "1 package at least")
    for key in sorted(loaded.keys() | out.keys() | problem.package.keys()):
        kind = problem.package.get(key)
        subject = " ".join(key).strip()
        if kind is None:
            yield broken("unknown_package", "answer", subject, "not in the problem")
        elif loaded[key] + out[key] != kind.quantity:
            claimed = f"{loaded[key]} loaded, {out[key]} unloaded"
            yield broken("package_places", subject, claimed, f"{kind.quantity} packages")


def _containers_used(problem: LoadProblem, answer: LoadAnswer) -> Iterator[Violation]:
    for code, used in Counter(load.container for load in answer.loads).items():
        if code not in problem.container:
            yield broken("unknown_container", "answer", code, "not in the problem")
            continue
        limit = problem.container[code].count
        if limit is not None and used > limit:
            yield broken("container_limit", code, used, f"limit {limit}")
    if problem.objective is Objective.VOLUME and len(answer.loads) > 1:
        yield broken("container_limit", "answer", len(answer.loads), "one container to fill")


def _one_load(problem: LoadProblem, answer: LoadAnswer, index: int, load: LoadedContainer) -> Iterator[Violation]:
    name, container = _name(index, load.container), problem.container.get(load.container)
    standing = [(one, problem.package.get((one.consignment, one.package)) or stranger(one)) for one in load.placements]
    if not standing:
        yield broken("empty_container", name, "used", "no placements")
    mass_g = sum(kind.mass_g for _, kind in standing)
    if load.mass_g != mass_g:
        yield broken("mass_stated", name, f"{load.mass_g} g", f"{mass_g} g")
    if container is None:
        return
    yield from _numbers(name, container, load, standing)
    if container.payload_g is not None and mass_g > container.payload_g:
        yield broken("payload", name, f"{mass_g} g", f"limit {container.payload_g} g")
    classes = {kind.cargo_class for _, kind in standing}
    if container.cargo_classes is not None and classes - container.cargo_classes:
        found = ", ".join(sorted(container.cargo_classes))
        yield broken("cargo_class", name, ", ".join(sorted(classes - container.cargo_classes)), found)
    for one, other in combinations(sorted(classes), 2):
        if not problem.compatible(one, other):
            yield broken("incompatible_classes", name, f"{one} with {other}", "incompatible")
    yield from check_geometry(
        name,
        container,
        standing,
        support_permille=policy_permille(answer.support),
        owners=problem.owners,
    )


def _numbers(name: str, container: LoadContainer, load: LoadedContainer, standing: Standing) -> Iterator[Violation]:
    packed_mm3 = sum(one.dx_mm * one.dy_mm * one.dz_mm for one, _ in standing)
    fill = 1000 * packed_mm3 // (container.length_mm * container.width_mm * container.height_mm)
    if load.fill_permille != fill:
        yield broken("fill_stated", name, f"{load.fill_permille} permille", f"{fill} permille")
    centre = centre_of_gravity_permille(container, standing)
    if load.centre_of_gravity_permille != centre:
        yield broken("centre_of_gravity_stated", name, f"{load.centre_of_gravity_permille} permille", centre)


def _pinned(problem: LoadProblem, answer: LoadAnswer) -> Iterator[Violation]:
    """Everything pinned stands where it was pinned; its step may be another, but what was loaded already is first."""
    for index, pin in enumerate(problem.pinned):
        here = answer.loads[pin.position] if pin.position < len(answer.loads) else None
        if here is None or here.container != pin.container:
            found = "no container" if here is None else here.container
            yield broken("pinned", f"pinned[{index}]", found, f"{pin.container} at position {pin.position}")
            continue
        missing = Counter(map(_place, pin.placements)) - Counter(map(_place, here.placements))
        for consignment, package, *place in missing.elements():
            goods = f"{consignment} {package}".strip()
            yield broken("pinned", f"pinned[{index}]: {goods}", "not there", f"x, y, z, dx, dy, dz {place}")
    for position in {pin.position for pin in problem.pinned if pin.loaded and pin.position < len(answer.loads)}:
        already = Counter(
            _place(one) for pin in problem.pinned if pin.loaded and pin.position == position for one in pin.placements
        )
        for one in sorted(answer.loads[position].placements, key=lambda each: each.step)[: already.total()]:
            if not already[_place(one)]:
                goods = f"{one.consignment} {one.package}".strip()
                limit = f"{already.total()} loaded already come first"
                yield broken("pinned_step", f"loads[{position}]: {goods}", f"step {one.step}", limit)


def _place(one: Placement) -> tuple[str, str, int, int, int, int, int, int]:
    return (one.consignment, one.package, one.x_mm, one.y_mm, one.z_mm, one.dx_mm, one.dy_mm, one.dz_mm)


def _unloaded(problem: LoadProblem, answer: LoadAnswer) -> Iterator[Violation]:
    """Refute reasons that arithmetic decides: a package that an empty container takes fits one, and one is left."""
    never = (StaysOut.TOO_LARGE, StaysOut.TOO_HEAVY, StaysOut.CARGO_CLASS)
    used = Counter(load.container for load in answer.loads)
    for entry in answer.unloaded:
        kind = problem.package.get((entry.consignment, entry.package))
        taking = [one for one in problem.containers if kind is not None and _takes(one, kind)]
        free = [one.code for one in taking if one.count is None or one.count > used[one.code]]
        if entry.reason in never and taking:
            codes = ", ".join(one.code for one in taking)
            yield broken("unloaded_reason", entry.package, entry.reason, f"{codes} takes one")
        elif problem.objective is not Objective.VOLUME and entry.reason is not StaysOut.TIME_LIMIT and free:
            yield broken("unloaded_could_travel", entry.package, entry.reason, f"{free[0]} is left")


def _takes(container: LoadContainer, kind: LoadPackage) -> bool:
    """Say whether an empty container may hold one such package by itself."""
    if container.cargo_classes is not None and kind.cargo_class not in container.cargo_classes:
        return False
    if container.payload_g is not None and kind.mass_g > container.payload_g:
        return False
    limit = container.line_load_g_per_m
    return any(limit is None or kind.mass_g * MM_PER_M <= limit * dx for dx, _, _ in kind.stances_in(container))


def objective_value(problem: LoadProblem, answer: LoadAnswer) -> int:
    """Return what the objective counts: the value that stays out, the containers, or their cost."""
    if problem.objective is Objective.CONTAINERS:
        return len(answer.loads)
    if problem.objective is Objective.COST:
        used = [problem.container.get(load.container) for load in answer.loads]
        return sum(one.cost_minor for one in used if one is not None)
    out = [(problem.package.get((one.consignment, one.package)), one.quantity) for one in answer.unloaded]
    return sum(
        quantity * (kind.length_mm * kind.width_mm * kind.height_mm if kind.value is None else kind.value)
        for kind, quantity in out
        if kind is not None
    )


def _bound_and_status(problem: LoadProblem, answer: LoadAnswer) -> Iterator[Violation]:
    value = objective_value(problem, answer)
    numbers = f"bound {answer.lower_bound}, value {value}"
    if answer.lower_bound > value:
        yield broken("bound", "answer", f"bound {answer.lower_bound}", f"value {value}")
    if answer.status is SolveStatus.OPTIMAL:
        if answer.lower_bound != value:
            yield broken("status", "answer", answer.status, numbers)
        if any(entry.reason is StaysOut.TIME_LIMIT for entry in answer.unloaded):
            yield broken("status", "answer", answer.status, f"unloaded with reason {StaysOut.TIME_LIMIT}")
    answered = answer.status in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE)
    if answer.loads and not answered:
        yield broken("status", "answer", answer.status, f"{len(answer.loads)} containers loaded")
    if problem.packages and not answer.loads and answered:
        yield broken("status", "answer", answer.status, "nothing loaded")
    if not problem.packages and answer.status is SolveStatus.INFEASIBLE:
        yield broken("status", "answer", answer.status, "nothing to load")
