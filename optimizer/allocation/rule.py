"""What a rule is and what it answers: exact shares, or the reason why there are none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from optimizer.certificate_levels import Proof
from optimizer.cost_game import CostGame


class ShareStatus(StrEnum):
    """What is known of shares.

    `bounded`: the best known costs were used where some are only known as intervals, or the shares are
    close but not verified as the rule's; `reason` says which.
    """

    EXACT = "exact"
    SAMPLED = "sampled"
    BOUNDED = "bounded"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The answer of a rule.

    Parameters
    ----------
    shares
        Player -> share; the sum is the cost of all (the value of all for games of kind ``value``), exactly.
        Empty when the status is undefined.
    rounded
        Whether the shares were worked out in floating point: they are within about 1e-12 of the largest cost.
    reason
        Stable code of why the shares are undefined or bounded; empty otherwise.
    detail
        Numbers behind the reason, or what explains the shares (such as the levels of a nucleolus).
    proof
        For rules that search: what a judge needs to re-check that the shares are the rule's.
    """

    method: str
    status: ShareStatus
    shares: Mapping[str, Fraction] = field(default_factory=dict)
    rounded: bool = False
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    proof: Proof | None = None


RuleFunction = Callable[[CostGame], Shares]


def answer(
    method: str,
    game: CostGame,
    costs: Sequence[Fraction | int],
    *,
    used: Iterable[int] | None = None,
    rounded: bool = False,
    detail: Mapping[str, Any] | None = None,
) -> Shares:
    """Return shares computed on `game.costs.upper`, with the sign of the game.

    Parameters
    ----------
    costs
        One share per player, as a cost.
    used
        Coalitions whose cost the rule looked at; all by default. Where one of them is an open interval the
        status is `bounded` with the reason ``open_intervals``.
    rounded
        The shares come from floating point: what they miss of the sum is spread over all.
    """
    known = game.is_exact if used is None else all(game.lower[mask] == game.upper[mask] for mask in used)
    shares = [cost if isinstance(cost, Fraction) else Fraction(cost) for cost in costs]
    if rounded or not game.numbers.exact:
        missing = (Fraction(game.costs.upper[game.grand]) - sum(shares)) / len(shares)
        shares = [share + missing for share in shares]
    return Shares(
        method=method,
        status=ShareStatus.EXACT if known else ShareStatus.BOUNDED,
        shares=dict(zip(game.players, shares if game.kind == "cost" else [-share for share in shares], strict=True)),
        rounded=rounded or not game.numbers.exact,
        reason="" if known else "open_intervals",
        detail=detail or {},
    )


def undefined(method: str, reason: str, **detail: Any) -> Shares:
    """Return the answer that a rule has none, with a stable reason and its numbers."""
    return Shares(method=method, status=ShareStatus.UNDEFINED, reason=reason, detail=detail)
