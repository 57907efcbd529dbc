"""Cooperative cost games: members and the cost c(S) of every group, exact or as an interval."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal


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
        One exact number per coalition, 2^n entries, entry 0 is 0. `lower` defaults to `upper`.
    """

    players: tuple[str, ...]
    upper: Sequence[Fraction | int]
    lower: Sequence[Fraction | int] = ()
    kind: Literal["cost", "value"] = "cost"
    weights: Mapping[str, Fraction | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
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
