"""Answers of the searching side before they are assembled: lots without ids, and what a search has proven of them."""

from dataclasses import dataclass
from typing import Literal

from optimizer.result import ContainerLoad, LooseLot, Unplanned

EndedBy = Literal["proof", "method", "work_limit", "time_limit", "stopped"]
"""Why a search ended (``method``: it had nothing left to try).

Only an answer ended by the clock or by a stop may differ from run to run.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPlan:
    """What travels how: containers, LCL and postal lots, and what stays behind.

    Parameters
    ----------
    containers
        Loads whose ids are provisional; `planning` numbers them anew.
    unplanned
        Ids of consignments that stay behind entirely, or `Unplanned` entries for packages that do,
        or where the search knows the reason; `planning` finds the reasons of plain ids.
    """

    containers: tuple[ContainerLoad, ...] = ()
    lcl: tuple[LooseLot, ...] = ()
    postal: tuple[LooseLot, ...] = ()
    unplanned: tuple[str | Unplanned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Improved:
    """What a search made of a start: its best plan and what it has proven.

    Parameters
    ----------
    lower_bound_minor
        No plan of the consignments that `plan` carries costs less.
    proven
        Whether no plan carries more consignments, and none of those that carry as many costs less.
    ended_by
        ``proof``, ``method``, ``work_limit``, ``time_limit`` or ``stopped``.
    """

    plan: LotPlan
    lower_bound_minor: int
    proven: bool
    ended_by: EndedBy
