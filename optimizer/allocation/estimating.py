"""Estimated Shapley values of games with a table or a formula: by so many samples, or until they are good enough."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.allocation.rule import Shares, ShareStatus
from optimizer.allocation.sampling import Aim, CostOracle, SeparateGame, least_evaluations, sampled_shapley
from optimizer.allocation.strata import ROUNDING, Marks
from optimizer.bin_packing import Containers
from optimizer.cost_game import CostGame
from optimizer.limits import ShouldStop, never_stop

MOST_EVALUATIONS = 2_000_000
"""Coalitions asked for at most where no number of samples is given."""

_NEVER = Aim(of_share=0.0, of_total=0.0)


def table_costs(game: CostGame) -> CostOracle:
    """Return an oracle that looks costs up in a table (gains with the sign turned)."""
    costs = game.costs
    upper = costs.numbers.floats()
    lower = upper if costs.is_exact else np.array([float(cost) for cost in costs.lower])
    bits = 1 << np.arange(len(costs.players))

    def cost(marks: Marks) -> NDArray[np.float64]:
        masks = marks.astype(np.int64) @ bits
        return np.column_stack((lower[masks], upper[masks]))

    return cost


def airport_costs(needs: Mapping[str, Fraction]) -> CostOracle:
    """Return an oracle of the largest need."""
    numbers = np.array([float(need) for need in needs.values()])
    return lambda marks: (marks * numbers).max(axis=1)


def fixed_plus_costs(fixed: Fraction, own: Mapping[str, Fraction]) -> CostOracle:
    """Return an oracle of a fixed cost and own costs."""
    numbers = np.array([float(cost) for cost in own.values()])
    return lambda marks: marks @ numbers + float(fixed)


def container_costs(containers: Containers, price: Fraction) -> CostOracle:
    """Return an oracle of whole containers: at least by a bound, at most by a packing."""
    return lambda marks: np.sort(containers.numbers(marks) * float(price), axis=1)


def estimated_shapley(
    game: SeparateGame,
    *,
    samples: int | None = None,
    time_limit_s: float = 600.0,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
) -> Shares:
    """Return an estimate of the Shapley value with a standard error for every player.

    Parameters
    ----------
    samples
        The work of so many orders of all players, with coalitions that may come again, however few there are; None:
        until every error is small enough (`Aim`), or `MOST_EVALUATIONS`.
    """
    players = len(game.players)
    work = MOST_EVALUATIONS if samples is None else samples * players
    found = sampled_shapley(
        [game],
        aim=Aim() if samples is None else _NEVER,
        most_evaluations=max(work, least_evaluations(players, repeats=samples is not None)),
        time_limit_s=time_limit_s,
        seed=seed,
        exact_players=0,
        repeats=samples is not None,
        should_stop=should_stop,
    )
    if not found.shares:
        return found
    least = ROUNDING * max(abs(float(number)) for number in (game.total, *found.shares.values()))
    errors = {player: max(found.standard_errors.get(player, 0.0), least) for player in game.players}
    return replace(found, status=ShareStatus.SAMPLED, standard_errors=errors)
