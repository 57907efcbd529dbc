"""Two rules of approval voting over projects, for comparison with equal shares.

References
----------
Brill, M., Freeman, R., Janson, S., Lackner, M. (2024). Phragmen's voting methods and justified representation.
Mathematical Programming 203, 47-76. https://doi.org/10.1007/s10107-023-01926-8
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Approvals = Mapping[str, Iterable[str]]
"""Member -> the projects that it approves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhragmenChoice:
    """What sequential Phragmen buys.

    Parameters
    ----------
    purchases
        Project and time of its purchase, in order.
    loads
        Member -> what it has paid, one unit for each unit of time until its last purchase.
    """

    purchases: tuple[tuple[str, Fraction], ...]
    spent_minor: int
    loads: Mapping[str, Fraction]


def supporters(projects: Iterable[str], approvals: Approvals) -> dict[str, tuple[str, ...]]:
    """Return for every project the members who approve it, in the order of the members."""
    by_member = {member: frozenset(approved) for member, approved in approvals.items()}
    return {
        project: tuple(member for member, approved in by_member.items() if project in approved) for project in projects
    }


def phragmen(costs_minor: Mapping[str, int], budget_minor: int, approvals: Approvals) -> PhragmenChoice:
    """Let all members earn one unit in a unit of time; supporters buy a project as soon as they hold its cost.

    It ends when the next purchase would break the budget. Equal times are decided by the lower cost, then more
    supporters, then the id. What nobody supports is not bought.
    """
    behind = {project: members for project, members in supporters(costs_minor, approvals).items() if members}
    loads = dict.fromkeys(approvals, Fraction(0))
    purchases: list[tuple[str, Fraction]] = []
    spent = 0

    def turn(project: str) -> tuple[Fraction, int, int, str]:
        members = behind[project]
        # A member holds the time that has passed since its last purchase.
        time = (costs_minor[project] + sum(loads[member] for member in members)) / Fraction(len(members))
        return time, costs_minor[project], -len(members), project

    while behind:
        time, cost, _, project = min(map(turn, behind))
        if spent + cost > budget_minor:
            break
        spent += cost
        purchases.append((project, time))
        loads |= dict.fromkeys(behind.pop(project), time)
    return PhragmenChoice(purchases=tuple(purchases), spent_minor=spent, loads=loads)


def most_votes(costs_minor: Mapping[str, int], budget_minor: int, approvals: Approvals) -> tuple[list[str], int]:
    """Buy the project with most approvals first; what does not fit into the rest of the budget is skipped.

    Returns
    -------
    tuple[list[str], int]
        The projects in order and what they cost. Equal votes are decided by the lower cost, then the id.
    """
    votes = {project: len(members) for project, members in supporters(costs_minor, approvals).items()}
    selected: list[str] = []
    spent = 0
    for project in sorted(votes, key=lambda one: (-votes[one], costs_minor[one], one)):
        if votes[project] and spent + costs_minor[project] <= budget_minor:
            selected.append(project)
            spent += costs_minor[project]
    return selected, spent
