"""Cooperative cost games: members and the cost c(S) of every group, exact or as an interval."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Numbers:
    """The table of a game as one array: entry S times 1 / `denominator` is c(S).

    Parameters
    ----------
    values
        int64 where they are all small enough, Python integers otherwise: then exact. float64 where the game was
        given in floating point.
    """

    values: NDArray[Any]
    denominator: int = 1

    @property
    def exact(self) -> bool:
        """Whether the numbers are exact."""
        return self.values.dtype != np.float64

    @property
    def tolerance(self) -> float:
        """Difference of costs that counts as none: 0 where the numbers are exact."""
        return 0.0 if self.exact else 1e-9 * float(np.abs(self.values).max())

    def floats(self) -> NDArray[np.float64]:
        """Return the costs in floating point."""
        return self.values.astype(np.float64) / self.denominator


class _Entries(Sequence[Any]):
    """The entries of an array as Python's own numbers, made when they are asked for."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: Any) -> Any:
        return self.values[index].tolist()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values.tolist())


@dataclass(frozen=True, kw_only=True)
class CostGame:
    """A game in characteristic-function form with a full table of coalitions.

    Coalitions are bit masks over `players`: bit i is player i. `lower[S] <= c(S) <= upper[S]`; the two
    are equal where the cost is proven. `kind` ``cost`` shares a cost (less is better), ``value`` a gain.

    Parameters
    ----------
    players
        Ids in a fixed order, without commas.
    upper, lower
        One number per coalition, 2^n entries, entry 0 is 0. `lower` defaults to `upper`. Arrays of numpy are taken
        too. Integers and fractions are exact; a table with floats is shared in floating point.
    weights
        Player -> weight, for the rules that need weights.
    unions
        Players that agreed to act together, every player once, for the rules that need unions.
    """

    players: tuple[str, ...]
    upper: Sequence[Fraction | int]
    lower: Sequence[Fraction | int] = ()
    kind: Literal["cost", "value"] = "cost"
    weights: Mapping[str, Fraction | int] = field(default_factory=dict)
    unions: Sequence[Sequence[str]] = ()

    def __post_init__(self) -> None:
        for name in ("upper", "lower"):
            given = getattr(self, name)
            if isinstance(given, np.ndarray):
                object.__setattr__(self, name, _Entries(given))
        if len(self.upper) != 1 << len(self.players):
            raise ValueError(f"upper: expected {1 << len(self.players)} coalitions, found {len(self.upper)}")
        if not self.lower:
            object.__setattr__(self, "lower", self.upper)
        elif len(self.lower) != len(self.upper):
            raise ValueError(f"lower: expected {len(self.upper)} coalitions, found {len(self.lower)}")

    @property
    def grand(self) -> int:
        """Bit mask of all players."""
        return (1 << len(self.players)) - 1

    @cached_property
    def is_exact(self) -> bool:
        """Whether every coalition's cost is proven."""
        return self.lower is self.upper or all(a == b for a, b in zip(self.lower, self.upper, strict=True))

    @cached_property
    def numbers(self) -> Numbers:
        """The best known costs, `upper`, as one array."""
        if isinstance(self.upper, _Entries):
            values = self.upper.values
            return Numbers(values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False))
        kinds = set(map(type, self.upper))
        if float in kinds:
            return Numbers(np.array(self.upper, dtype=np.float64))
        if kinds == {int}:
            return Numbers(_integers(self.upper))
        denominator = lcm(*{number.denominator for number in self.upper})
        scaled = [number.numerator * (denominator // number.denominator) for number in self.upper]
        return Numbers(_integers(scaled), denominator)

    @cached_property
    def costs(self) -> "CostGame":
        """The same game as costs: a value game with its signs turned, so that less is always better."""
        if self.kind == "cost":
            return self
        upper, lower = _negative(self.lower), _negative(self.upper)
        if self.lower is self.upper:
            lower = upper
        return CostGame(players=self.players, upper=upper, lower=lower, weights=self.weights, unions=self.unions)

    def mask(self, coalition: Iterable[str]) -> int:
        """Return the bit mask of a coalition given by player ids."""
        index = {player: bit for bit, player in enumerate(self.players)}
        return sum(1 << index[player] for player in set(coalition))

    def members(self, mask: int) -> tuple[str, ...]:
        """Return the player ids of a bit mask, in the order of `players`."""
        return tuple(player for bit, player in enumerate(self.players) if mask >> bit & 1)

    def cost(self, coalition: Iterable[str]) -> Fraction | int:
        """Return the best known cost of a coalition: the upper end of its interval."""
        return self.upper[self.mask(coalition)]

    def proper_coalitions(self) -> Iterator[int]:
        """Iterate over all non-empty proper coalitions as bit masks."""
        return iter(range(1, self.grand))


def _negative(numbers: Sequence[Any]) -> Sequence[Any]:
    return _Entries(-numbers.values) if isinstance(numbers, _Entries) else [-number for number in numbers]


def _integers(numbers: Sequence[Any]) -> NDArray[Any]:
    """Return integers as an array of machine integers, or of Python's where one is too large."""
    try:
        return np.array(numbers, dtype=np.int64)
    except OverflowError:
        return np.array(numbers, dtype=object)
