"""Levels of dissatisfaction: what a lexicographic rule makes as small as it can be, one after the other.

A programme has *goals*, linear functions of the shares that are to be small, and *limits* that must hold. Its
solution makes the largest goal as small as possible; then, of the shares that do so, the largest of those goals that
are still open; and so on, until the shares are determined. A level comes with its proof: positive weights with which
goals and limits add up to something that is fixed already, so that no goal can be lowered but at another's expense.
For goals x(S) - c(S) that proof is Kohlberg's criterion.

References
----------
Kohlberg, E. (1971). On the nucleolus of a characteristic function game. SIAM Journal on Applied Mathematics
20, 62-66. https://doi.org/10.1137/0120009
Maschler, M., Potters, J. A. M., Tijs, S. H. (1992). The general nucleolus and the reduced game property.
International Journal of Game Theory 21, 85-106. https://doi.org/10.1007/BF01240254
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.allocation.exact import Span, as_fraction, common_integers, exceeds, indicator
from optimizer.certificate_levels import Proof, ProofLevel
from optimizer.cost_game import CostGame, Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A goal `vector . x <= bound + weight * level`, or a limit `vector . x <= bound` where the weight is 0.

    Parameters
    ----------
    who
        The players whom it is about.
    """

    who: tuple[str, ...]
    vector: tuple[Fraction | int, ...]
    bound: Fraction
    weight: Fraction = Fraction(0)

    @property
    def largest(self) -> Fraction:
        """The largest coefficient, without its sign."""
        return max(abs(Fraction(number)) for number in set(self.vector))


@dataclass(frozen=True, kw_only=True)
class Programme:
    """Goals and limits on the shares of a game's whole cost.

    Parameters
    ----------
    costs
        A game of kind ``cost``. Every proper coalition is a goal or a limit: x(S) <= c(S) and an allowance.
    weights
        Entry S: the weight > 0 of the coalition's goal x(S) <= c(S) + weight * level. None: coalitions are limits.
    slack
        Allowance of coalitions that are limits.
    slack_rows
        Coalitions with the weights that prove that a lesser allowance would leave no shares.
    rows
        Other goals and limits.
    level_unit
        Rough size of one unit of the level, to scale the search.
    """

    costs: CostGame
    weights: Numbers | None = None
    slack: Fraction = Fraction(0)
    slack_rows: "tuple[tuple[Row, Fraction], ...]" = ()
    rows: tuple[Row, ...] = ()
    level_unit: float = 1.0

    def coalition(self, mask: int) -> Row:
        """Return the row of a coalition."""
        weight = Fraction(0)
        if self.weights is not None:
            weight = as_fraction(self.weights.values[mask]) / self.weights.denominator
        return Row(
            who=self.costs.members(mask),
            vector=tuple(indicator(mask, len(self.costs.players))),
            bound=Fraction(self.costs.upper[mask]) + self.slack,
            weight=weight,
        )

    def proper(self) -> NDArray[np.bool_]:
        """Mark the coalitions that are neither empty nor all."""
        marked = np.ones(len(self.costs.upper), dtype=bool)
        marked[[0, -1]] = False
        return marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level and the proof that it cannot be lowered.

    Parameters
    ----------
    value
        What the goals of this level come to.
    rows
        Goals and limits with the weights > 0 of the proof; the weights of goals times those of the proof sum to 1.
    """

    value: Fraction
    rows: tuple[tuple[Row, Fraction], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """All levels and the shares that they determine, one exact share per player."""

    levels: tuple[Level, ...]
    shares: tuple[Fraction, ...]


def proof_of_levels(programme: Programme, found: Levels) -> Proof:
    """Return what a judge needs to see that shares are the solution of a programme, in its words."""
    levels = tuple(
        ProofLevel(
            value=level.value,
            goals=tuple((row.who, weight) for row, weight in level.rows if row.weight),
            limits=tuple((row.who, weight) for row, weight in level.rows if not row.weight),
        )
        for level in found.levels
    )
    slack_weights = tuple((row.who, weight) for row, weight in programme.slack_rows)
    return Proof(levels=levels, slack=programme.slack, slack_weights=slack_weights)


def verified(programme: Programme, found: Levels) -> bool:
    """Check by additions and comparisons that shares are the solution of a programme.

    Exactly where the game's numbers are exact; in floating point up to 1e-9 of the largest cost otherwise.
    """
    costs, shares = programme.costs, found.shares
    players = len(costs.players)
    if sum(shares) != Fraction(costs.upper[costs.grand]):
        return False
    slip = Fraction(costs.numbers.tolerance)
    if any(_above(row, shares, Fraction(0)) > slip for row in programme.rows if not row.weight):
        return False
    if programme.weights is None and exceeds(costs.numbers, shares, programme.proper(), most=programme.slack):
        return False
    span = Span(players)
    span.add(indicator(costs.grand, players), 0)
    for level in found.levels:
        if any(abs(_above(row, shares, level.value)) > slip for row, _ in level.rows):
            return False
        if not (_cannot_be_lowered(level, span) and _is_largest(programme, level, span, shares)):
            return False
        for row, _ in level.rows:
            span.add(row.vector, 0)
    return span.rank == players


def _above(row: Row, shares: Sequence[Fraction], level: Fraction) -> Fraction:
    """Return how far shares are above a row, as an amount for the player that counts most in it."""
    numerators, whole = common_integers(shares)
    value = sum(one * share for one, share in zip(row.vector, numerators, strict=True) if one)
    return (Fraction(value, whole) - row.bound - row.weight * level) / row.largest


def _cannot_be_lowered(level: Level, span: Span) -> bool:
    """Say whether positive weights add the rows up to what is fixed."""
    if any(weight <= 0 for _, weight in level.rows) or sum(row.weight * weight for row, weight in level.rows) != 1:
        return False
    total = [
        sum((weight * row.vector[bit] for row, weight in level.rows), start=Fraction(0)) for bit in range(span.columns)
    ]
    return span.settles(total)


def _is_largest(programme: Programme, level: Level, span: Span, shares: Sequence[Fraction]) -> bool:
    """Say whether no goal that is still open is larger than the level."""
    slip = Fraction(programme.costs.numbers.tolerance)
    for row in programme.rows:
        if row.weight and _above(row, shares, level.value) > slip and not span.settles(row.vector):
            return False
    if programme.weights is None:
        return True
    among = programme.proper() & ~span.contained()
    return not exceeds(programme.costs.numbers, shares, among, most=level.value, by=programme.weights)
