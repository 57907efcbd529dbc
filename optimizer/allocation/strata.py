"""Shapley values from pairs of a coalition and its complement, drawn size by size: what is drawn, and what it says.

With z the marks of the members of S, s their number and d(S) = c(S) - c(N without S), the Shapley value of player i is

    c(N) / n  +  sum over s <= n / 2 of  n / (s (n - s)) * mean over S of that size of (z_i - s / n) d(S)

(half of it for s = n / 2, where every pair is met twice). This is the regression of Charnes et al. (1988) under the
efficiency constraint with its moments taken exactly, as in the unbiased kernel estimator of Covert and Lee (2021): the
coefficients sum to c(N) whatever is drawn. Sizes are strata (Castro et al. 2017), each a mean of its own. Within a
stratum d(S) may be lessened by any additive game, whose part is known exactly, and by a constant, which adds nothing:
these are fitted to the pairs of the other folds, so that the mean stays unbiased and its variance is that of the rest.

References
----------
Charnes, A., Golany, B., Keane, M., Rousseau, J. (1988). Extremal principle solutions of games in characteristic
function form: core, Chebychev and Shapley value generalizations. Econometrics of Planning and Efficiency, 123-133.
Covert, I., Lee, S.-I. (2021). Improving KernelSHAP: practical Shapley value estimation using linear regression.
Proceedings of Machine Learning Research 130, 3457-3465.
Castro, J., Gomez, D., Molina, E., Tejada, J. (2017). Improving polynomial estimation of the Shapley value by
stratified random sampling with optimum allocation. Computers & Operations Research 82, 180-188.
https://doi.org/10.1016/j.cor.2017.01.019
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.allocation.moderation import moderated

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

FOLDS = 5
"""Parts of the pairs of a size: what is taken off one is fitted to the others."""

DECK = 20_000
"""Coalitions of a size up to which they are dealt out without repetition."""

FIRST = 4
"""Pairs of every size before anything is said."""

FIRST_OF_FEW = 24
"""The same where pairs come again and players are no more than `FEW`: of few pairs that an additive game fits exactly,
nothing would be left to tell an error by."""

FEW = 12

ROUNDING = 1e-12
"""What floating point may miss of a value, as a part of the largest number met: no error is called smaller."""

_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """Shapley values by player, the variances of their estimates, and what open intervals may still change.

    Parameters
    ----------
    freedom
        Degrees of freedom of the variances: how surely they are known themselves.
    below, above
        By how much the values may be less or more where costs are only known as intervals, as estimated.
    """

    values: Floats
    variances: Floats
    freedom: Floats
    below: Floats
    above: Floats


@dataclass
class Stratum:
    """The pairs drawn of one size: `size` members against all others.

    Parameters
    ----------
    repeats
        Whether a pair may be drawn again, however few there are.
    """

    players: int
    size: int
    draws: np.random.Generator
    repeats: bool = False
    drawn: list[NDArray[np.uint8]] = field(default_factory=list)
    gaps: list[Floats] = field(default_factory=list)
    widths: list[Floats] = field(default_factory=list)
    dealt: int = 0
    number: int = 0

    @property
    def middle(self) -> bool:
        """Whether a coalition and its complement are of the same size."""
        return 2 * self.size == self.players

    @cached_property
    def pairs(self) -> int:
        """Number of different pairs."""
        return comb(self.players, self.size) // (2 if self.middle else 1)

    @property
    def has_deck(self) -> bool:
        """Whether pairs are dealt without repetition."""
        return self.pairs <= DECK and (not self.repeats or self.size == 1)

    @property
    def done(self) -> bool:
        """Whether what every pair costs is known."""
        return self.has_deck and self.number >= self.pairs

    @property
    def weight(self) -> float:
        """What a unit of the mean adds to the values."""
        return self.players / (self.size * (self.players - self.size)) / (2 if self.middle else 1)

    @cached_property
    def deck(self) -> NDArray[np.int64]:
        """All coalitions of the size in random order; in the middle, of each pair the one with the first player."""
        all_ = np.array(list(combinations(range(self.players), self.size)), dtype=np.int64)[: self.pairs]
        return self.draws.permutation(all_)

    def draw(self, number: int) -> Marks:
        """Return the marks of the next coalitions; fewer where no more are left."""
        if self.has_deck:
            chosen = self.deck[self.dealt : self.dealt + number]
        else:
            keys = self.draws.random((number, self.players))
            chosen = np.argpartition(keys, self.size - 1, axis=1)[:, : self.size]
        self.dealt += len(chosen)
        marks = np.zeros((len(chosen), self.players), dtype=np.bool_)
        np.put_along_axis(marks, chosen, values=True, axis=1)
        return marks

    def add(self, marks: Marks, gaps: Floats, widths: Floats) -> None:
        """Keep drawn coalitions, their c(S) - c(N without S), and the widths of both intervals (two columns)."""
        self.number += len(marks)
        self.drawn.append(np.packbits(marks, axis=1))
        self.gaps.append(gaps)
        self.widths.append(widths)

    def kept(self) -> tuple[NDArray[np.float32], Floats, Floats]:
        """Return marks as numbers, gaps and widths of all pairs."""
        marks = np.unpackbits(np.concatenate(self.drawn), axis=1, count=self.players)
        return marks.astype(np.float32), np.concatenate(self.gaps), np.concatenate(self.widths)


class Strata:
    """All sizes of a game, and the order in which pairs of them are drawn.

    Parameters
    ----------
    measures
        One column of each additive measure of the players that explains costs, such as their volume; may have none.
    repeats
        Whether a pair may be drawn again: then what is said is an estimate however many are drawn (but of the single
        players, each is drawn once).
    """

    def __init__(self, players: int, measures: Floats, seed: Sequence[int], *, repeats: bool = False) -> None:
        self.players = players
        self.measures = measures
        self.repeats = repeats
        streams = np.random.default_rng(seed).spawn(players // 2)
        self.all = [Stratum(players, at + 1, stream, repeats) for at, stream in enumerate(streams)]
        # Variances are about the same in every size, so that the best number of each is in proportion to this.
        parts = np.array([(0.5 if one.middle else 1.0) / (one.size * (players - one.size)) ** 0.5 for one in self.all])
        self._until = np.cumsum(parts) / parts.sum()
        self._turn = 0

    @property
    def pairs(self) -> int:
        """Number of pairs whose costs are known."""
        return sum(one.number for one in self.all)

    @property
    def done(self) -> bool:
        """Whether every pair of every size is known."""
        return all(one.done for one in self.all)

    def first(self) -> list[int]:
        """Return by size how many pairs to begin with: every single player, and some of each other size."""
        some = FIRST_OF_FEW if self.repeats and self.players <= FEW else FIRST
        return [min(one.pairs, self.players if one.size == 1 else some) if one.has_deck else some for one in self.all]

    def next(self, number: int) -> list[int]:
        """Return by size how many of the next pairs it has: an even mixture, wherever it is broken off."""
        turns = (np.arange(self._turn, self._turn + number) * _GOLDEN + 0.5) % 1.0
        self._turn += number
        wanted = np.bincount(np.searchsorted(self._until, turns, side="right"), minlength=len(self.all))
        wanted[[one.done for one in self.all]] = 0
        return [int(one) for one in wanted]

    def draw(self, wanted: Sequence[int]) -> list[tuple[Stratum, Marks]]:
        """Draw so many pairs of each size, fewer where no more are left."""
        return [(one, one.draw(number)) for one, number in zip(self.all, wanted, strict=True) if number]

    def estimate(self, total: float) -> Estimate:
        """Return what all pairs say together.

        Parameters
        ----------
        total
            c(N).
        """
        fits = _fits([one for one in self.all if not one.done], self._columns())
        values = np.full(self.players, total / self.players)
        variances, doubts, below, above = np.zeros((4, self.players))
        largest = 0.0
        for stratum in self.all:
            marks, gaps, widths = stratum.kept()
            largest = max(largest, float(np.abs(gaps).max()))
            mean, variance, doubt = _moments(stratum, marks, gaps, fits)
            values += stratum.weight * mean
            variances += stratum.weight**2 * variance
            doubts += stratum.weight**4 * doubt
            part = stratum.size / self.players
            own, other = marks.T @ widths / len(marks), (1 - marks).T @ widths / len(marks)
            below += stratum.weight * ((1 - part) * own[:, 0] + part * other[:, 1])
            above += stratum.weight * (part * other[:, 0] + (1 - part) * own[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            freedom = np.where(doubts > 0, 2 * variances**2 / doubts, np.inf)
        variances, freedom = moderated(variances, freedom)
        if not self.done:
            variances = np.maximum(variances, (ROUNDING * max(abs(total), largest)) ** 2)
        return Estimate(values, variances, freedom, below, above)

    def _columns(self) -> Floats:
        """Return the measures and what each player adds alone, by player, each to scale."""
        marks, gaps, _ = self.all[0].kept()
        columns = np.column_stack((self.measures, gaps @ marks))
        scaled: Floats = columns / np.maximum(np.abs(columns).max(axis=0), 1e-300)
        return scaled


def _moments(
    stratum: Stratum, marks: NDArray[np.float32], gaps: Floats, fits: Sequence[Floats]
) -> tuple[Floats, Floats, Floats]:
    """Return by player the mean over a size of (z_i - s / n) d, its variance, and the variance of that variance."""
    number, players = marks.shape
    part = stratum.size / players
    if stratum.done:
        exact: Floats = (gaps @ marks - part * gaps.sum()) / number
        return exact, np.zeros(players), np.zeros(players)
    rest = np.empty(number)
    known = np.zeros(players)
    for fold, fit in enumerate(fits):
        mine = slice(fold, None, FOLDS)
        here = marks[mine]
        rest[mine] = gaps[mine] - (here @ fit - part * fit.sum())
        spread = part * (1 - part) * players / (players - 1)
        known += len(here) / number * spread * (fit - fit.mean())
    if not stratum.middle:
        rest -= _mean_of_others(rest)
    left = 1 - number / stratum.pairs if stratum.has_deck else 1.0
    first, second, fourth = (_power_mean(rest, marks, part, power) for power in (1, 2, 4))
    spread = np.maximum(second - first**2, 0.0) * number / (number - 1)
    variance = left * spread / number
    doubt = left**2 * np.maximum(fourth - second**2, 0.0) / number**3
    return first + known, variance, doubt


def _power_mean(rest: Floats, marks: NDArray[np.float32], part: float, power: int) -> Floats:
    """Return by player the mean of a power of (z_i - s / n) times what is left of the gaps."""
    raised = rest**power
    inside, outside = (1 - part) ** power, (-part) ** power
    mean: Floats = ((inside - outside) * (raised @ marks) + outside * raised.sum()) / len(rest)
    return mean


def _mean_of_others(values: Floats) -> Floats:
    """Return for every value the mean of those in other folds."""
    fold = np.arange(len(values)) % FOLDS
    sums, numbers = np.bincount(fold, values, FOLDS), np.bincount(fold, minlength=FOLDS)
    means: Floats = (_of_others(sums) / np.maximum(_of_others(numbers), 1))[fold]
    return means


def _fits(strata: Sequence[Stratum], columns: Floats) -> list[Floats]:
    """Return for every fold the additive game that least squares fit to the gaps of the other folds."""
    players = len(columns)
    grams = np.zeros((FOLDS, players, players))
    sides, squares, counts = np.zeros((FOLDS, players)), np.zeros(FOLDS), np.zeros(FOLDS)
    for stratum in strata:
        marks, gaps, _ = stratum.kept()
        if stratum.middle:
            # Without a constant: a pair may be turned round.
            marks = marks - np.float32(0.5)
        folds = [(marks[fold::FOLDS], gaps[fold::FOLDS]) for fold in range(FOLDS)]
        gram = np.array([here.T @ here for here, _ in folds])
        grams += gram.sum(axis=0) - gram
        sides += _of_others(np.array([mine @ here for here, mine in folds]))
        squares += _of_others(np.array([mine @ mine for _, mine in folds]))
        numbers = _of_others(np.array([len(mine) for _, mine in folds], dtype=np.float64))
        counts += numbers
        if not stratum.middle:
            met = _of_others(np.array([here.sum(axis=0, dtype=np.float64) for here, _ in folds]))
            sums = _of_others(np.array([mine.sum() for _, mine in folds]))
            grams -= met[:, :, None] * met[:, None, :] / numbers[:, None, None]
            sides -= met * (sums / numbers)[:, None]
            squares -= sums**2 / numbers
            counts -= 1
    rows = zip(grams, sides, squares, counts, strict=True)
    return [_fit(gram, side, square, count, columns) for gram, side, square, count in rows]


def _of_others(by_fold: NDArray[Any]) -> Floats:
    """Return for every fold the sum over the others."""
    others: Floats = by_fold.sum(axis=0) - by_fold
    return others


def _fit(gram: Floats, side: Floats, square: float, count: float, columns: Floats) -> Floats:
    """Return coefficients by player: of the measures first, then its own, drawn in as far as pairs leave it in doubt.

    Own coefficients are taken as random with variance t, the pairs as disturbed with variance v; both follow from the
    mean square of what the measures leave of the gaps, and of its products with the marks.
    """
    players = len(side)
    if count <= 0:
        return np.zeros(players)
    common = columns @ np.linalg.lstsq(columns.T @ gram @ columns, columns.T @ side, rcond=1e-9)[0]
    left = side - gram @ common
    of_gaps = max(square - float(common @ (side + left)), 0.0) / count
    of_products = float(left @ left) / players
    mean = float(np.trace(gram)) / players
    beyond = float((gram**2).sum()) / players - mean**2 * players / count
    # With one or two different pairs, drawn again and again, there is nothing to tell the two variances apart.
    own = (of_products - of_gaps * mean) / beyond if beyond > 1e-9 * mean**2 else 0.0
    if own <= 0:
        return common
    noise = max(of_gaps - own * mean * players / count, 0.0)
    for _ in range(2):
        fitted: Floats = common + np.linalg.solve(gram + (noise / own + 1e-6 * mean) * np.eye(players), left)
        # What the fit itself leaves says it better, where it leaves less.
        rest = max(square - float(fitted @ (2 * side - gram @ fitted)), 0.0)
        noise = min(noise, rest / max(count - players, count / 10))
    return fitted
