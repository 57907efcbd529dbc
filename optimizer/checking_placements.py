"""Judge of placements: inside the container, nothing overlapping, every package present once."""

from collections import Counter
from collections.abc import Iterator, Sequence

from optimizer.checking_lots import broken
from optimizer.problem import DIMENSIONS, ConsolidationProblem
from optimizer.result import ContainerLoad, Placement, ShipmentPlan, Violation


def check_placements(problem: ConsolidationProblem, plan: ShipmentPlan) -> Iterator[Violation]:
    """Check the load plans of a plan, where there are any."""
    for load in plan.containers:
        if load.load_plan is None:
            continue
        placements = load.load_plan.placements
        yield from _placed_packages(problem, load, placements)
        container_type = problem.container_type.get(load.container_type)
        if container_type is not None:
            inside = (container_type.length_mm, container_type.width_mm, container_type.height_mm)
            for one in placements:
                low, high = _corners(one)
                if min(low) < 0 or any(top > limit for top, limit in zip(high, inside, strict=True)):
                    yield broken("placed_inside", _name(load, one), f"{low} to {high}", f"(0, 0, 0) to {inside}")
        yield from _overlaps(load, placements)


def _name(load: ContainerLoad, one: Placement) -> str:
    return f"{load.id}: {one.consignment} {one.package} step {one.step}"


def _corners(one: Placement) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    low = (one.x_mm, one.y_mm, one.z_mm)
    return low, (one.x_mm + one.dx_mm, one.y_mm + one.dy_mm, one.z_mm + one.dz_mm)


def _placed_packages(
    problem: ConsolidationProblem, load: ContainerLoad, placements: Sequence[Placement]
) -> Iterator[Violation]:
    placed = Counter((one.consignment, one.package) for one in placements)
    contents: Counter[tuple[str, str]] = Counter()
    for part in load.contents:
        if not part.packages:
            # Goods without packages have no sizes: no placement can show that they fit.
            contents[part.consignment, ""] += 1
        for package, quantity in part.packages.items():
            contents[part.consignment, package] += quantity
    for key in sorted(placed.keys() | contents.keys()):
        if placed[key] != contents[key]:
            yield broken(
                "placed_packages",
                f"{load.id}: {' '.join(key)}",
                f"{placed[key]} placed",
                f"{contents[key]} in the contents",
            )
    for one in placements:
        consignment = problem.consignment.get(one.consignment)
        for kind in consignment.packages if consignment else ():
            sizes = dict(zip(DIMENSIONS, (kind.length_mm, kind.width_mm, kind.height_mm), strict=True))
            allowed = [(sizes[up], *sorted(sizes[name] for name in DIMENSIONS if name != up)) for up in kind.vertical]
            if kind.id == one.package and (one.dz_mm, *sorted((one.dx_mm, one.dy_mm))) not in allowed:
                yield broken(
                    "placed_size",
                    _name(load, one),
                    f"{one.dx_mm} x {one.dy_mm} x {one.dz_mm} mm",
                    f"height, floor sides one of {allowed}",
                )


def _overlaps(load: ContainerLoad, placements: Sequence[Placement]) -> Iterator[Violation]:
    ordered = sorted(placements, key=lambda one: one.x_mm)
    for index, one in enumerate(ordered):
        low, high = _corners(one)
        for other in ordered[index + 1 :]:
            if other.x_mm >= high[0]:
                break
            other_low, other_high = _corners(other)
            if all(a < d and c < b for a, b, c, d in zip(low, high, other_low, other_high, strict=True)):
                yield broken(
                    "placed_overlap",
                    f"{_name(load, one)} and {_name(load, other)}",
                    f"{low} to {high}",
                    f"{other_low} to {other_high}",
                )
