"""Packs containers so that they are balanced: where moving parts is not enough, other loads of nearly equal value."""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadContainer, LoadProblem
from optimizer.loading.balancing import Repack, Scales, balance
from optimizer.loading.ordering import resting_on
from optimizer.loading.packer import Budget, OnValue, Packed, Packer, ignore_value
from optimizer.loading.standing import Rows

FIRST_SHARE = 0.5
"""Part of the work and time for the most valuable load, where what is loaded has a mass."""

AGAIN_SHARE, AGAIN_WORTH = 0.3, 0.5
"""The search after it, if need be: the part of the work left that it takes, and the part of the value of everything
that a load loses there for each whole length or width by which its centre of gravity is off."""

PART_LONG, PART_WORK, BLOCKS_WORK = (0.3, 0.8), 0.2, 0.05
"""After that parts are packed again: how much of the length, and the work for each; some for making blocks."""

TRADED, STEEPEST = 0.02, 2.0
"""What balance is worth then: at least a part of the load's value, and up to so many times what it may lose."""

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
        random = np.random.default_rng(self.seed)
        best = self._moved(budget, first)
        whole = True
        while not (scales.good(best.rows) or budget.late() or budget.work >= budget.work_limit):
            if whole:
                part = part_of(budget, AGAIN_SHARE)
                found = self._packed(part, self.pinned, quantities, balance=AGAIN_WORTH, seed=self.seed)
                whole = False
            else:
                traded = max(best.value - least, TRADED * best.value) * random.uniform(1, STEEPEST)
                worth = traded / scales.excess(best.rows)
                found = self._part_packed(budget, best.rows, quantities, worth, random)
            if found.value >= least and scales.excess(found.rows) < scales.excess(best.rows):
                best = self._moved(budget, found, quick=True)
        return best

    def _part_packed(
        self, budget: Budget, rows: Rows, quantities: NDArray[np.int32], worth: float, random: np.random.Generator
    ) -> Packed:
        """Unload a part of the length, drawn at random, and pack it again around the rest.

        Parameters
        ----------
        worth
            Value that the load loses for each whole length or width by which its centre of gravity is off.
        """
        long = random.uniform(*PART_LONG) * self.container.length_mm
        start = random.uniform(-long / 2, self.container.length_mm - long / 2)
        stays = np.ones(len(rows), np.bool_)
        for one in np.flatnonzero((rows[:, 1] < start + long) & (rows[:, 1] + rows[:, 4] > start)).tolist():
            pile = resting_on(rows, stays, one)
            if pile.min() >= len(self.pinned):
                stays[pile] = False
        left = quantities - self._counts(rows[stays])
        budget.charge(BLOCKS_WORK)
        part = replace(part_of(budget, 1.0), work_limit=budget.work + PART_WORK)
        balance = worth / max(1.0, float(left @ self.values))
        return self._packed(part, rows[stays], left, balance=balance, seed=int(random.integers(1 << 30)))

    def _packed(self, budget: Budget, stand: Rows, left: NDArray[np.int32], *, balance: float, seed: int) -> Packed:
        """Pack around what stands; the value is that of all that is not pinned."""
        found = self.packer.pack(
            budget, left, self.values, pinned=stand, loaded=self.loaded, seed=seed, balance=balance
        )
        return Packed(float(self._counts(found.rows) @ self.values), found.rows)

    def _counts(self, rows: Rows) -> NDArray[np.int32]:
        """Count the packages by kind, without those pinned."""
        return np.bincount(rows[len(self.pinned) :, 0], minlength=len(self.values)).astype(np.int32)

    def _moved(self, budget: Budget, found: Packed, *, quick: bool = False) -> Packed:
        if self.loaded:
            # What is brought in later would have to go neither behind nor below it: nothing is moved.
            return found
        lower = None if quick or len(self.pinned) else self._lower(budget, found.rows)
        rows = balance(
            self.problem, self.container, found.rows, pinned=self.pinned, repack=lower, seed=self.seed, quick=quick,
            should_stop=budget.late,
        )  # fmt: skip
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
