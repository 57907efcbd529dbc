"""Judge of the load plans of a plan: every package of the contents present once, and every rule of space kept."""

from collections import Counter
from collections.abc import Iterator, Sequence

from optimizer.checking_geometry import check_geometry
from optimizer.checking_lots import broken
from optimizer.load_problem import FULL_SUPPORT, LoadContainer, LoadPackage, support_name, support_permille
from optimizer.problem import ConsolidationProblem, ContainerType
from optimizer.result import ContainerLoad, Placement, ShipmentPlan, Violation


def check_placements(problem: ConsolidationProblem, plan: ShipmentPlan) -> Iterator[Violation]:
    """Check the load plans of a plan, where there are any, each under the support policy that it names.

    Owners are the members; everything is unloaded at one stop. Payload and cargo classes are judged elsewhere, since
    they bind without placements too.
    """
    packages = load_packages(problem)
    for load in plan.containers:
        if load.load_plan is None:
            continue
        placements = load.load_plan.placements
        yield from _placed_packages(load, placements)
        yield from check_policy(load.id, load.load_plan.support, problem.settings.support_permille)
        container_type = problem.container_type.get(load.container_type)
        if container_type is not None:
            yield from check_geometry(
                load.id,
                load_container(container_type),
                [(one, packages.get((one.consignment, one.package)) or stranger(one)) for one in placements],
                support_permille=policy_permille(load.load_plan.support),
                owners=problem.settings.owners,
            )


def policy_permille(support: str) -> int:
    """Return the permille of the policy that an answer names; one that nobody knows is judged as full support."""
    found = support_permille(support)
    return FULL_SUPPORT if found is None else found


def check_policy(subject: str, support: str, asked_permille: int) -> Iterator[Violation]:
    """Compare the support policy that an answer names with the one that its problem asks for at least."""
    found = support_permille(support)
    if found is None or found < asked_permille:
        yield broken("support_policy", subject, support, f"{support_name(asked_permille)} asked for")


def stranger(one: Placement) -> LoadPackage:
    """Return what stands for a package that the problem does not hold, so that at least its place is judged."""
    return LoadPackage(id=one.package, length_mm=one.dx_mm, width_mm=one.dy_mm, height_mm=one.dz_mm, quantity=1)


def load_packages(problem: ConsolidationProblem) -> dict[tuple[str, str], LoadPackage]:
    """Return the packages of a problem as kinds to load, by (consignment, id)."""
    return {
        (consignment.id, one.id): LoadPackage(
            id=one.id,
            consignment=consignment.id,
            length_mm=one.length_mm,
            width_mm=one.width_mm,
            height_mm=one.height_mm,
            quantity=one.quantity,
            mass_g=one.mass_g,
            vertical=one.vertical,
            max_load_g=one.max_load_g,
            owner=consignment.member,
        )
        for consignment in problem.consignments
        for one in consignment.packages
    }


def load_container(kind: ContainerType) -> LoadContainer:
    """Return a container type with what binds where packages stand."""
    return LoadContainer(
        code=kind.code,
        length_mm=kind.length_mm,
        width_mm=kind.width_mm,
        height_mm=kind.height_mm,
        door_width_mm=kind.door_width_mm,
        door_height_mm=kind.door_height_mm,
        load_line_mm=kind.load_line_mm,
        line_load_g_per_m=kind.line_load_g_per_m,
    )


def _placed_packages(load: ContainerLoad, placements: Sequence[Placement]) -> Iterator[Violation]:
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
