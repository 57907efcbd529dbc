"""Rules that choose within the core what is most equal: equal profits, or equal shares.

References
----------
Frisk, M., Goethe-Lundgren, M., Joernsten, K., Roennqvist, M. (2010). Cost allocation in collaborative forest
transportation. European Journal of Operational Research 205, 448-458. https://doi.org/10.1016/j.ejor.2010.01.015
Dutta, B., Ray, D. (1989). A concept of egalitarianism under participation constraints. Econometrica 57, 615-635.
https://doi.org/10.2307/1911055
Arin, J., Inarra, E. (2001). Egalitarian solutions in the core. International Journal of Game Theory 30, 187-193.
https://doi.org/10.1007/s001820100073
"""

from fractions import Fraction
from typing import Any

import numpy as np

from optimizer.allocation.exact import indicator
from optimizer.allocation.levels import Level, Programme, Row
from optimizer.allocation.nucleolus import lexicographic, programme_of
from optimizer.allocation.rule import Shares, undefined
from optimizer.allocation.search import levels_of
from optimizer.cost_game import CostGame


def equal_profit(game: CostGame) -> Shares:
    """Make the relative savings as equal as the core allows: the equal profit method.

    The largest difference between two players' shares, each divided by what the player would pay alone, is made as
    small as the core allows; then that of the pairs still open, and so on, so that one answer is left. Where the
    core is empty the least core takes its place. Undefined (``stand_alone_not_positive``) where a player would pay
    (gain) nothing or less alone.
    """
    costs, players = game.costs, len(game.players)
    alone = [Fraction(costs.upper[1 << bit]) for bit in range(players)]
    sign = 1 if game.kind == "cost" else -1
    wrong = tuple(player for player, cost in zip(game.players, alone, strict=True) if sign * cost <= 0)
    if wrong:
        return undefined("equal_profit", "stand_alone_not_positive", players=wrong)
    pairs = []
    for one in range(players):
        for other in range(players):
            if one != other:
                vector: list[Fraction | int] = [0] * players
                vector[one], vector[other] = 1 / alone[one], -1 / alone[other]
                who = (game.players[one], game.players[other])
                pairs.append(Row(who=who, vector=tuple(vector), bound=Fraction(0), weight=Fraction(1)))

    def programme_for(exactly: bool) -> Programme:
        least = _least_excess(costs, exactly=exactly)
        needed = least if least.value > 0 else _NO_SLACK
        return Programme(costs=costs, slack=needed.value, slack_rows=needed.rows, rows=tuple(pairs))

    return lexicographic("equal_profit", game, programme_for, _spread)


def constrained_egalitarian(game: CostGame) -> Shares:
    """Make the shares as equal as the core allows: the largest as small as possible, then the next, and so on.

    In concave games this is the egalitarian solution of Dutta and Ray, which is more equal than any other shares in
    the core. Undefined (``core_empty``) where there are no shares in the core.
    """
    costs, players = game.costs, len(game.players)
    goals = tuple(
        Row(who=(player,), vector=tuple(indicator(1 << bit, players)), bound=Fraction(0), weight=Fraction(1))
        for bit, player in enumerate(game.players)
    )
    largest = float(np.abs(costs.numbers.floats()).max()) or 1.0

    def programme_for(exactly: bool) -> Programme:
        least = _least_excess(costs, exactly=exactly).value
        if least > costs.numbers.tolerance:
            raise _EmptyCoreError(least)
        return Programme(costs=costs, slack=max(Fraction(0), least), rows=goals, level_unit=largest)

    try:
        return lexicographic("constrained_egalitarian", game, programme_for, _largest)
    except _EmptyCoreError as error:
        return undefined("constrained_egalitarian", "core_empty", least_excess=error.args[0])


class _EmptyCoreError(ArithmeticError):
    """There are no shares in the core; carries the least that the largest excess can be."""


_NO_SLACK = Level(value=Fraction(0), rows=())


def _least_excess(costs: CostGame, *, exactly: bool) -> Level:
    """Return the least that the largest excess of any coalition can be, with what proves it."""
    if len(costs.players) == 1:
        return _NO_SLACK
    return levels_of(programme_of(costs), exactly=exactly, first_only=True).levels[0]


def _spread(level: Level) -> dict[str, Any]:
    """Return the difference of a level, between whom it is, and the coalitions that keep it from being smaller."""
    return {"difference": level.value, "between": _goals(level), "held_by": _limits(level)}


def _largest(level: Level) -> dict[str, Any]:
    """Return the share of a level, who bears it, and the coalitions that keep it from being smaller."""
    return {"share": level.value, "players": tuple(who[0] for who in _goals(level)), "held_by": _limits(level)}


def _goals(level: Level) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(row.who for row, _ in level.rows if row.weight))


def _limits(level: Level) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((row.who for row, _ in level.rows if not row.weight), key=lambda who: (len(who), who)))
