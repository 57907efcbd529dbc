"""Judge of the load plans of a plan: where packages stand by themselves, and where they stand on pallets."""

from collections.abc import Iterator
from dataclasses import replace

from optimizer.checking_answers import check_answer
from optimizer.checking_loads import recounted
from optimizer.checking_lots import broken
from optimizer.checking_placements import (
    check_placements,
    check_policy,
    load_container,
    load_package,
    policy_permille,
    stranger,
)
from optimizer.load_problem import LoadPackage, LoadProblem, Objective
from optimizer.load_result import LoadAnswer
from optimizer.pallets import on_pallets
from optimizer.problem import ConsolidationProblem
from optimizer.problem_parts import ProblemError
from optimizer.result import ContainerLoad, Placement, ShipmentPlan, SolveStatus, Violation


def check_load_plans(problem: ConsolidationProblem, plan: ShipmentPlan) -> Iterator[Violation]:
    """Check the load plans of a plan, where there are any, each under the support policy that it names.

    With pallets, the pallets count for the payload, and every pallet is judged as a container of its own too.
    """
    bare = tuple(one for one in plan.containers if not has_pallets(one))
    yield from check_placements(problem, replace(plan, containers=bare))
    for load in plan.containers:
        if has_pallets(load) and load.container_type in problem.container_type:
            yield from _on_pallets(problem, load)


def has_pallets(load: ContainerLoad) -> bool:
    """Say whether goods of a container stand on pallets."""
    return load.load_plan is not None and (load.load_plan.pallet is not None or bool(load.load_plan.pallets))


def palletised(problem: ConsolidationProblem, load: ContainerLoad) -> LoadProblem:
    """Return a container whose goods go onto pallets as a load problem: all that is in it, into this container.

    Raises
    ------
    ProblemError
        When the goods cannot be a problem.
    """
    assert load.load_plan is not None
    kind = problem.container_type[load.container_type]
    packages = []
    for part in load.contents:
        consignment = problem.consignment.get(part.consignment)
        for package in consignment.packages if consignment else ():
            if consignment is not None and part.packages.get(package.id):
                one = load_package(consignment, package)
                quantity = part.packages[package.id]
                packages.append(replace(one, quantity=quantity, cargo_class=consignment.cargo_class))
    return LoadProblem(
        objective=Objective.VOLUME,
        containers=(replace(load_container(kind), payload_g=kind.payload_g),),
        packages=tuple(packages),
        owners=problem.settings.owners,
        support_permille=policy_permille(load.load_plan.support),
        pallet=load.load_plan.pallet,
    )


def standing_on_pallets(
    problem: ConsolidationProblem, load: ContainerLoad
) -> tuple[tuple[Placement, LoadPackage], ...]:
    """Return every placement of a container with its kind: a loaded pallet or what stands beside the pallets."""
    assert load.load_plan is not None
    kinds = on_pallets(palletised(problem, load), load.load_plan.pallets).package
    return tuple((one, kinds.get((one.consignment, one.package)) or stranger(one)) for one in load.load_plan.placements)


def _on_pallets(problem: ConsolidationProblem, load: ContainerLoad) -> Iterator[Violation]:
    assert load.load_plan is not None
    plan = load.load_plan
    yield from check_policy(load.id, plan.support, problem.settings.support_permille)
    for part in load.contents:
        if not part.packages:
            yield broken("placed_packages", f"{load.id}: {part.consignment}", "0 placed", "goods without sizes")
    if plan.pallet is None:
        yield broken("pallet_unasked", load.id, f"{len(plan.pallets)} pallets", "no kind of pallet")
        return
    try:
        asked = palletised(problem, load)
        standing = standing_on_pallets(problem, load)
    except ProblemError as error:
        for fault in error.faults:
            yield broken("pallet_stated", f"{load.id}: {fault.path}", fault.found, fault.expected)
        return
    answer = LoadAnswer(
        status=SolveStatus.FEASIBLE,
        lower_bound=0,
        loads=(recounted(asked.containers[0], standing),) if standing else (),
        support=plan.support,
        pallets=plan.pallets,
    )
    for one in check_answer(asked, answer):
        yield replace(one, subject=f"{load.id}: {one.subject}")
