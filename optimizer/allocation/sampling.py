"""The Shapley value of games of any number of players, from the costs of coalitions that are asked for as needed.

Games fall apart first: players that share nothing are games of their own, in which the value adds up exactly, and a
player alone pays its own cost. Up to `EXACT_PLAYERS` every coalition is asked for; beyond, pairs of coalitions are
drawn (`strata`), and every share comes with its standard error.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import compress
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.allocation.rule import Shares, ShareStatus, undefined
from optimizer.allocation.shapley import shapley
from optimizer.allocation.strata import Floats, Marks, Strata
from optimizer.cost_game import CostGame
from optimizer.limits import OnProgress, Progress, ShouldStop, ignore_progress, never_stop

EXACT_PLAYERS = 12
"""Players of a separate game up to which every coalition is asked for."""

TOGETHER = 256
"""Pairs of coalitions that are asked for at once."""

GROWTH = 1.5
"""By how much the pairs of a game grow before its shares are estimated again."""

STAGE = "shapley"
"""Name of this stage in progress messages."""

_NORMAL = 1.959964
"""Standard errors on either side that hold 95 of 100 true values of a normal estimate."""

_LEAST_FREEDOM = 3.0

Number = Fraction | int

CostOracle = Callable[[Marks], NDArray[Any]]
"""Answers what coalitions cost, many at once: one row of marks each, a column for every player. The answer has an entry
for each, or two columns: at least and at most. It must depend on the coalition alone."""


@dataclass(frozen=True, kw_only=True)
class SeparateGame:
    """A game of players that share something; the whole game is a sum of such games.

    Parameters
    ----------
    total
        c(N) of these players; the oracle is never asked for it, nor for nobody.
    measures
        By name: a number for every player, such as the volume of its goods. They make errors smaller where costs
        grow with them, and change nothing else.
    """

    players: tuple[str, ...]
    total: Number
    cost: CostOracle
    measures: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.players or len(set(self.players)) < len(self.players):
            raise ValueError(f"players: expected one or more, all different, found {', '.join(self.players)}")
        for name, numbers in self.measures.items():
            if len(numbers) != len(self.players):
                raise ValueError(f"measures: {name}: expected {len(self.players)} numbers, found {len(numbers)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The standard error that is good enough: the larger of a part of the player's share and a part of the total."""

    of_share: float = 0.01
    of_total: float = 0.0002

    def allows(self, share: float, total: float) -> float:
        """Return the standard error allowed for a share of a total."""
        return max(self.of_share * abs(share), self.of_total * abs(total))


def by_members(
    players: Sequence[str], price: Callable[[Sequence[tuple[str, ...]]], Sequence[tuple[float, float]]]
) -> CostOracle:
    """Return an oracle that asks for coalitions by the ids of their members and gets pairs: at least, at most."""

    def cost(marks: Marks) -> NDArray[Any]:
        return np.array(list(price([tuple(compress(players, row)) for row in marks.tolist()])))

    return cost


def sampled_shapley(
    games: Sequence[SeparateGame],
    *,
    aim: Aim = Aim(),
    most_evaluations: int = 100_000,
    time_limit_s: float = 300.0,
    seed: int = 0,
    exact_players: int = EXACT_PLAYERS,
    repeats: bool = False,
    together: int = TOGETHER,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = ignore_progress,
) -> Shares:
    """Return the Shapley value of the sum of some games, with standard errors where it is estimated.

    Parameters
    ----------
    games
        Those of players that share nothing are to be given apart. A player may be in several.
    most_evaluations
        Coalitions that may be asked for. What this limit or the aim ends is the same in every run with the same seed;
        what `time_limit_s` or `should_stop` ends need not be.
    exact_players
        Players of a game up to which every coalition is asked for.
    repeats
        Whether a coalition may be drawn again even where all could be: what is said then is an estimate.
    together
        Pairs of coalitions that are asked for at once: between them is looked at the clock.

    Returns
    -------
    Shares
        `sampled` with `standard_errors` (widened where few draws tell them, so that 1.96 of them on either side hold
        95 of 100 true values), or `exact` (`bounded` where costs are open intervals) if no game was too
        large; undefined (``stopped``, ``time``) where it ended before there was anything to say. `detail` holds how
        many coalitions were asked for (``evaluations``), what ended it (``ended_by``: ``aim``, ``evaluations``,
        ``time``, ``stopped``), and ``open_intervals``: for players whom they touch, by how much the share may be less
        and more because costs are only known as intervals, the upper ends having been used.

    Raises
    ------
    ValueError
        When the evaluations do not suffice to begin with, saying how many do, or an answer of an oracle is no cost.
    """
    asker = _Asker(most_evaluations, time.monotonic() + time_limit_s, together, should_stop, on_progress)
    most_exact = max(1, exact_players)
    small = [game for game in games if len(game.players) <= most_exact]
    large = [
        _Sampler(game, Strata(len(game.players), _measures(game), [seed, at], repeats=repeats), asker)
        for at, game in enumerate(games)
        if len(game.players) > most_exact
    ]
    needed = sum((1 << len(game.players)) - 2 for game in small) + sum(one.least for one in large)
    if needed > most_evaluations:
        raise ValueError(f"most_evaluations: expected >= {needed}, found {most_evaluations}")
    result = _Result(games)
    for game in small:
        table = asker.table(game)
        if table is not None:
            result.add_exact(game, *table)
    for one in large:
        one.grow(one.strata.first())
    if asker.ended_by:
        return undefined("shapley", asker.ended_by, evaluations=asker.evaluations)
    for one in large:
        one.estimate()
    while growing := [one for one in large if not one.strata.done and result.unmet(large, aim) & set(one.game.players)]:
        for one in growing:
            one.grow_by(GROWTH)
        for one in growing:
            one.estimate()
        if asker.ended_by:
            break
    return result.shares(large, asker, seed)


def least_evaluations(players: int, *, repeats: bool) -> int:
    """Return how many coalitions must be asked for before anything can be said of a game that is sampled."""
    return 2 * sum(Strata(players, np.zeros((players, 0)), [0], repeats=repeats).first())


class _Asker:
    """Asks oracles within the limits, and keeps count."""

    def __init__(
        self, most: int, deadline: float, together: int, should_stop: ShouldStop, on_progress: OnProgress
    ) -> None:
        self.most, self.deadline, self.together = most, deadline, together
        self.should_stop, self.on_progress = should_stop, on_progress
        self.evaluations = 0
        self.ended_by = ""

    def may_ask(self, number: int) -> bool:
        """Say whether so many more coalitions may be asked for; once not, never again."""
        if not self.ended_by:
            if self.should_stop():
                self.ended_by = "stopped"
            elif time.monotonic() > self.deadline:
                self.ended_by = "time"
            elif self.evaluations + number > self.most:
                self.ended_by = "evaluations"
        return not self.ended_by

    def ask(self, game: SeparateGame, marks: Marks) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return what coalitions cost at least and at most."""
        found = np.asarray(game.cost(marks))
        if found.shape not in ((len(marks),), (len(marks), 2)):
            raise ValueError(f"cost: expected {len(marks)} costs or intervals, found an array of shape {found.shape}")
        lower, upper = (found, found) if found.ndim == 1 else (found[:, 0], found[:, 1])
        wrong = np.flatnonzero(~(lower <= upper) | ~np.isfinite(np.asarray(upper - lower, dtype=np.float64)))
        if len(wrong):
            members = ", ".join(compress(game.players, marks[wrong[0]]))
            raise ValueError(f"cost of {members}: expected at least <= at most, found {found[wrong[0]]}")
        self.evaluations += len(marks)
        self.on_progress(Progress(stage=STAGE, done_permille=min(999, 1000 * self.evaluations // max(1, self.most))))
        return lower, upper

    def table(self, game: SeparateGame) -> tuple[list[Any], list[Any]] | None:
        """Return what every coalition costs at least and at most, by mask; None where this was stopped."""
        players = len(game.players)
        masks = np.arange(1, (1 << players) - 1)
        ends: tuple[list[Any], list[Any]] = ([0], [0])
        for at in range(0, len(masks), 2 * self.together):
            some = masks[at : at + 2 * self.together]
            if not self.may_ask(len(some)):
                return None
            for end, found in zip(ends, self.ask(game, some[:, None] >> np.arange(players) & 1 == 1), strict=True):
                end.extend(found.tolist())
        for end in ends:
            end.append(game.total)
        return ends


def _measures(game: SeparateGame) -> Floats:
    return np.array(list(game.measures.values()), dtype=np.float64).reshape(-1, len(game.players)).T


class _Sampler:
    """A game too large for a table."""

    def __init__(self, game: SeparateGame, strata: Strata, asker: _Asker) -> None:
        self.game, self.strata, self.asker = game, strata, asker

    @property
    def least(self) -> int:
        """Coalitions that must be asked for before anything can be said."""
        return 2 * sum(self.strata.first())

    def grow_by(self, factor: float) -> None:
        """Draw pairs until there are so many times as many, all are drawn, or the limits are met."""
        goal = int(self.strata.pairs * factor) + 1
        while self.strata.pairs < goal and not self.strata.done and not self.asker.ended_by:
            wanted = self.strata.next(min(self.asker.together, goal - self.strata.pairs))
            if any(wanted):
                self.grow(wanted)

    def grow(self, wanted: Sequence[int]) -> None:
        """Draw so many pairs of each size and ask what they cost."""
        drawn = self.strata.draw(wanted)
        marks = np.concatenate([some for _, some in drawn])
        if not self.asker.may_ask(2 * len(marks)):
            return
        lower, upper = self.asker.ask(self.game, np.concatenate((marks, ~marks)))
        gaps = np.asarray(upper[: len(marks)] - upper[len(marks) :], dtype=np.float64)
        widths = np.asarray(upper - lower, dtype=np.float64).reshape(2, -1).T
        at = 0
        for stratum, some in drawn:
            until = at + len(some)
            stratum.add(some, gaps[at:until], widths[at:until])
            at = until

    def estimate(self) -> None:
        """Estimate the shares by all pairs so far."""
        self.found = self.strata.estimate(float(self.game.total))
        self.shares = dict(zip(self.game.players, self.found.values.tolist(), strict=True))


class _Result:
    """Shares added up over the separate games."""

    def __init__(self, games: Sequence[SeparateGame]) -> None:
        self.players = tuple(dict.fromkeys(player for game in games for player in game.players))
        self.total = sum((Fraction(game.total) for game in games), Fraction(0))
        self.exact: dict[str, Fraction] = dict.fromkeys(self.players, Fraction(0))
        self.rounded = False
        self.open: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def add_exact(self, game: SeparateGame, lower: list[Any], upper: list[Any]) -> None:
        """Add the value of a game whose every coalition is known."""
        table = CostGame(players=game.players, upper=upper, lower=lower)
        found = shapley(table)
        self.rounded |= found.rounded
        for player, share in found.shares.items():
            self.exact[player] += share
        if not table.is_exact:
            widths = np.array([float(high - low) for low, high in zip(lower, upper, strict=True)])
            self._add_open(game.players, *_touched(widths, len(game.players)))

    def _add_open(self, players: Sequence[str], below: Floats, above: Floats) -> None:
        for player, less, more in zip(players, below.tolist(), above.tolist(), strict=True):
            if less or more:
                self.open[player][0] += less
                self.open[player][1] += more

    def unmet(self, large: Sequence[_Sampler], aim: Aim) -> set[str]:
        """Return the players whose standard error is not small enough."""
        shares = {player: float(share) for player, share in self.exact.items()}
        for one in large:
            for player, share in one.shares.items():
                shares[player] += share
        errors, total = _errors(large), float(self.total)
        return {player for player, error in errors.items() if error > aim.allows(shares[player], total)}

    def shares(self, large: Sequence[_Sampler], asker: _Asker, seed: int) -> Shares:
        """Return everything as one answer."""
        shares = dict(self.exact)
        for one in large:
            self._add_open(one.game.players, one.found.below, one.found.above)
            # What floating point misses of the sum is spread over all.
            parts = {player: Fraction(share) for player, share in one.shares.items()}
            missing = (Fraction(one.game.total) - sum(parts.values())) / len(parts)
            for player, part in parts.items():
                shares[player] += part + missing
        errors = _errors(large)
        status = ShareStatus.SAMPLED if errors else ShareStatus.BOUNDED if self.open else ShareStatus.EXACT
        return Shares(
            method="shapley",
            status=status,
            shares=shares,
            rounded=self.rounded or bool(large),
            reason="open_intervals" if self.open else "",
            standard_errors=errors,
            detail={
                "evaluations": asker.evaluations,
                "seed": seed,
                "ended_by": asker.ended_by or "aim",
                "open_intervals": {player: tuple(ends) for player, ends in self.open.items()},
            },
        )


def _errors(large: Sequence[_Sampler]) -> dict[str, float]:
    """Return by player the standard error, where there is one, widened by how unsure it is (Satterthwaite 1946)."""
    variances: defaultdict[str, float] = defaultdict(float)
    doubts: defaultdict[str, float] = defaultdict(float)
    for one in large:
        rows = zip(one.game.players, one.found.variances.tolist(), one.found.freedom.tolist(), strict=True)
        for player, variance, freedom in rows:
            variances[player] += variance
            doubts[player] += variance**2 / freedom
    return {
        player: variance**0.5 * student(variance**2 / doubts[player] if doubts[player] else float("inf")) / _NORMAL
        for player, variance in variances.items()
        if variance > 0
    }


def student(freedom: float) -> float:
    """Return how many standard errors on either side hold 95 of 100 true values, by Fisher's expansion.

    Parameters
    ----------
    freedom
        Degrees of freedom of the standard error; fewer than 3 count as 3.
    """
    z, v = _NORMAL, max(freedom, _LEAST_FREEDOM)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def _touched(widths: Floats, players: int) -> tuple[Floats, Floats]:
    """Return by player how much less and more its value may be, by how wide each coalition's interval is."""
    masks = np.arange(len(widths))
    sizes = np.array([mask.bit_count() for mask in range(len(widths))])
    below, above = np.zeros((2, players))
    for bit in range(players):
        inside = masks >> bit & 1 == 1
        # Weights of c(S) in the value: (s - 1)! (n - s)! / n! with the player, -s! (n - s - 1)! / n! without.
        below[bit] = sum(widths[inside] / [size * comb(players, size) for size in sizes[inside]])
        outside = ~inside
        above[bit] = sum(widths[outside] / [(players - size) * comb(players, size) for size in sizes[outside]])
    return below, above
