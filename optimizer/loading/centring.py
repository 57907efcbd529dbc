"""Packs containers so that they are balanced: where moving parts is not enough, other loads of nearly equal value."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Owners
from optimizer.loading.balancing import Repack, Scales, balance
from optimizer.loading.packer import Budget, OnValue, Packed, Packer, ignore_value
from optimizer.loading.standing import Rows

FIRST_SHARE = 0.5
"""Part of the work and time for the most valuable load, where what is loaded has a mass."""

AGAIN = ((0.6, 0.5), (1.0, 2.0))
"""Further searches, until one finds a balanced load: the part of the work left that each takes, and the part of the
value of everything that a load loses for each whole length or width by which its centre of gravity is off."""

LOWER_WORK = 0.02
"""Work that packing under a lower ceiling may take, each time."""

LEAST_KEPT = 0.94
"""Part of the value of the first load that a later one must have, where packages may stay out."""


@dataclass(frozen=True, kw_only=True)
class Centring:
    """One container and what packs it.

    Parameters
    ----------
    pinned, loaded
        What stands already, and how many of the first of these are loaded: as in `Packer.pack`.
    """

    problem: LoadProblem
    container: LoadContainer
    packer: Packer
    values: NDArray[np.float64]
    pinned: Rows
    loaded: int
    seed: int

    def packed(self, budget: Budget, quantities: NDArray[np.int32], on_value: OnValue = ignore_value) -> Packed:
        """Return a load of great value that is balanced, or the most valuable one where none is found that is.

        Parameters
        ----------
        quantities
            Packages at hand by kind, without those pinned.
        """
        weighed = any(one.mass_g and count for one, count in zip(self.problem.packages, quantities, strict=True))
        part = part_of(budget, FIRST_SHARE if weighed else 1.0)
        first = self.packer.pack(
            part, quantities, self.values, pinned=self.pinned, loaded=self.loaded, seed=self.seed, on_value=on_value
        )
        budget.ended_by = part.ended_by
        return self.centred(budget, first, quantities, LEAST_KEPT * first.value)

    def centred(self, budget: Budget, first: Packed, quantities: NDArray[np.int32], least: float) -> Packed:
        """Return a load that is worth at least so much and better balanced than the first one, or that one.

        Where packages are pinned only the others are moved; nothing is packed under a lower ceiling then.
        """
        scales = Scales.of(self.problem, self.container)
        best = self._moved(budget, first)
        for share, worth in AGAIN:
            if scales.good(best.rows) or budget.should_stop() or time.monotonic() > budget.deadline:
                break
            packer = _another_order(self.problem, self.container, self.packer) if worth > 1 else self.packer
            found = packer.pack(
                part_of(budget, share), quantities, self.values, pinned=self.pinned, loaded=self.loaded,
                seed=self.seed, balance=worth,
            )  # fmt: skip
            added = found.rows[len(self.pinned) :, 0]
            found = Packed(float(self.values[added].sum()), found.rows)
            if found.value >= least:
                found = self._moved(budget, found)
                if scales.excess(found.rows) < scales.excess(best.rows):
                    best = found
        return best

    def _moved(self, budget: Budget, found: Packed) -> Packed:
        def late() -> bool:
            return budget.should_stop() or time.monotonic() > budget.deadline

        if self.loaded:
            # What is brought in later would have to go neither behind nor below it: nothing is moved.
            return found
        lower = None if len(self.pinned) else self._lower(budget, found.rows)
        rows = balance(
            self.problem, self.container, found.rows, pinned=self.pinned, repack=lower, seed=self.seed, should_stop=late
        )
        return Packed(found.value, rows)

    def _lower(self, budget: Budget, rows: Rows) -> Repack:
        """Return what packs the packages of a load again under a lower ceiling."""
        quantities = np.bincount(rows[:, 0], minlength=len(self.values)).astype(np.int32)
        loaded = [one for one, quantity in zip(self.problem.packages, quantities, strict=True) if quantity]

        def packed(top_mm: int) -> Rows | None:
            lower = replace(self.container, load_line_mm=top_mm)
            if not all(one.stances_in(lower) for one in loaded):
                return None
            part = Budget(budget.work + LOWER_WORK, budget.deadline, budget.should_stop, budget.spent)
            found = Packer(self.problem, lower, self.problem.packages).pack(part, quantities, self.values).rows
            return found if len(found) == len(rows) else None

        return packed


def part_of(budget: Budget, share: float) -> Budget:
    """Return a part of the work and time that are left; time that a part before it had to itself is over."""
    now = time.monotonic()
    if not budget.should_stop():
        budget.spent[1] = 0
    return Budget(
        budget.work + share * max(0.0, budget.work_limit - budget.work), now + share * (budget.deadline - now),
        budget.should_stop, budget.spent,
    )  # fmt: skip


def _another_order(problem: LoadProblem, container: LoadContainer, packer: Packer) -> Packer:
    """Return a packer that loads strict owners of a stop one after the other in the opposite order."""
    if problem.owners is not Owners.STRICT:
        return packer
    owners = sorted({one.owner for one in problem.packages if one.owner})
    drawn = {owner: f"{place:9}" for place, owner in enumerate(reversed(owners))}
    packages: Sequence[LoadPackage] = [replace(one, owner=drawn.get(one.owner, "")) for one in problem.packages]
    return Packer(problem, container, packages)
