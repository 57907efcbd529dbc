"""Judge of what keeping owners apart costs: every level's loads by its own rules, and no stricter level the better.

The rules of a violation beside those of `checking_loads`: `level_stated` (containers, cost, packages left),
`level_order` (a stricter level is better than a laxer one, under which its loads hold too), `level_asked` (the level
that the problem asks for is not that of the answer), `level_missing`.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from optimizer.checking_loads import check_loads, objective_value
from optimizer.checking_lots import broken
from optimizer.load_problem import LoadProblem, Objective, Owners
from optimizer.load_result import LoadAnswer, OwnersLevel
from optimizer.result import Violation


def rank(problem: LoadProblem, answer: LoadAnswer) -> tuple[int, int]:
    """Return by what answers to one problem are compared, the better the less: what stays out, then the objective."""
    if problem.objective is Objective.VOLUME:
        return objective_value(problem, answer), 0
    kinds = problem.package
    out = [(kinds.get((one.consignment, one.package)), one.quantity) for one in answer.unloaded]
    left_mm3 = sum(kind.volume_mm3 * quantity for kind, quantity in out if kind is not None)
    return left_mm3, objective_value(problem, answer)


def as_answer(level: OwnersLevel, answer: LoadAnswer) -> LoadAnswer:
    """Return a level as an answer under the support policy of the answer that it stands in."""
    return replace(
        answer, status=level.status, lower_bound=level.lower_bound, loads=level.loads, unloaded=level.unloaded,
        pallets=(), levels=(),
    )  # fmt: skip


def check_levels(problem: LoadProblem, answer: LoadAnswer) -> Iterator[Violation]:
    """List what is wrong with the levels of an answer, where it has any.

    Parameters
    ----------
    problem
        The problem of the loads, with pallets as packages.
    """
    if not answer.levels:
        return
    named = [one.owners for one in answer.levels]
    if named != list(Owners):
        yield broken("level_missing", "levels", ", ".join(named), ", ".join(Owners))
    for level in answer.levels:
        asked = replace(problem, owners=level.owners)
        for one in check_loads(asked, as_answer(level, answer)):
            yield replace(one, subject=f"{level.owners}: {one.subject}")
        yield from _stated(problem, level)
    for laxer, stricter in pairwise(answer.levels):
        least, more = (rank(problem, as_answer(one, answer)) for one in (laxer, stricter))
        if more < least:
            yield broken("level_order", f"{stricter.owners} and {laxer.owners}", more, f"not below {least}")
    for level in answer.levels:
        if level.owners is problem.owners and (level.loads, level.unloaded) != (answer.loads, answer.unloaded):
            yield broken("level_asked", level.owners, f"{len(level.loads)} loads", "the loads of the answer")


def _stated(problem: LoadProblem, level: OwnersLevel) -> Iterator[Violation]:
    used = [problem.container.get(load.container) for load in level.loads]
    for name, claimed, found in (
        ("containers", level.containers, len(level.loads)),
        ("cost", level.cost_minor, sum(one.cost_minor for one in used if one is not None)),
        ("packages left", level.packages_left, sum(one.quantity for one in level.unloaded)),
    ):
        if claimed != found:
            yield broken("level_stated", f"{level.owners}: {name}", claimed, found)
