"""Packs containers so that they are balanced: where moving parts is not enough, other loads of nearly equal value."""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadContainer, LoadProblem, Owners
from optimizer.loading.balancing import HALF, Repack, Scales, balance
from optimizer.loading.gathering import gathered
from optimizer.loading.moves import middles
from optimizer.loading.ordering import resting_on
from optimizer.loading.packer import AIM, Budget, OnValue, Packed, Packer, ignore_value
from optimizer.loading.standing import Rows

FIRST_SHARE = 0.5
"""Part of the work and time for the most valuable load, where what is loaded has a mass."""

AGAIN_SHARE, AGAIN_WORTH = 0.3, 0.5
"""The search after it, if need be: the part of the work left that it takes, and the part of the value of everything
that a load loses there for each whole length or width by which its centre of gravity is off."""

WHOLE_EVERY, WHOLE_WORK = 2, 0.15
"""After that loads are packed again, one in so many as a whole, and the work for each of these."""

LEAST_AGAIN, SPREAD_SHARE = 0.3, 0.5
"""Of kinds that are too heavy where they stand at least a part is packed again; how often stops are spread out."""

PART_LONG, PART_WORK, BLOCKS_WORK = (0.3, 0.8), 0.1, 0.05
"""Of the others a part: how much of the length, and the work for each; some for making blocks."""

LEAST_PRICE = 0.02
"""Part of its value that a package is worth at least there."""

TRADED, STEEPEST = 0.02, 2.0
"""What balance is worth then: at least a part of the load's value, and up to so many times what it may lose."""

NEARLY = 0.03
"""A load whose excess is less is worth moves at random too."""

STRICT_WORK = 0.1
"""Work for trying whether everything loaded finds room in slices, where owners are rather kept together."""

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
        turn = 0
        while not (scales.good(best.rows) or budget.late() or budget.work >= budget.work_limit):
            if turn == 0:
                part = part_of(budget, AGAIN_SHARE)
                found = self._packed(part, self.pinned, quantities, self.values, balance=AGAIN_WORTH, seed=self.seed)
            else:
                traded = max(best.value - least, TRADED * best.value) * random.uniform(1, STEEPEST)
                worth = traded / scales.excess(best.rows)
                # Where everything travels no package is worth less than another, and none is left out.
                some_stay = first.value - least > 1
                values = self._priced(scales, best.rows, worth) if some_stay else self.values
                again = self._again if some_stay and turn % WHOLE_EVERY == 0 else self._part_packed
                found = again(budget, best.rows, quantities, values, worth, random)
            turn += 1
            if found.value >= least and scales.excess(found.rows) < scales.excess(best.rows):
                best = self._moved(budget, found, quick=scales.excess(found.rows) > NEARLY)
        return self._gathered(budget, best, quantities, scales)

    def _gathered(self, budget: Budget, found: Packed, quantities: NDArray[np.int32], scales: Scales) -> Packed:
        """Return the same packages with those of one owner together, where that is preferred: apart if they can be."""
        if self.problem.owners is not Owners.PREFERRED or self.loaded or budget.late():
            return found
        if not len(self.pinned) and (self._counts(found.rows) == quantities).all():
            strict = replace(self.problem, owners=Owners.STRICT)
            part = Budget(budget.work + STRICT_WORK, budget.deadline, budget.should_stop, budget.spent)
            rows = Packer(strict, self.container, strict.packages).pack(part, quantities, self.values).rows
            if len(rows) == len(found.rows):
                rows = balance(strict, self.container, rows, seed=self.seed, should_stop=budget.late)
                if scales.good(rows) or scales.excess(rows) <= scales.excess(found.rows):
                    return Packed(found.value, rows)
        rows = gathered(
            self.problem, self.container, found.rows, pinned=self.pinned, seed=self.seed, should_stop=budget.late
        )
        return Packed(found.value, rows)

    def _priced(self, scales: Scales, rows: Rows, worth: float) -> NDArray[np.float64]:
        """Return what packages are worth where what each does to the balance of a load counts.

        By kind it is their value less `worth` times the growth of the excess with one more package of it, were it to
        stand in the middle of those of its kind, or of its stop where the load has none.
        """
        kind, middle = rows[:, 0], middles(rows) / scales.inside_mm - HALF
        centre = scales.centre_mm(rows) / scales.inside_mm - HALF
        stop = np.array([one.stop for one in self.problem.packages])
        push = np.where(np.abs(centre[:2]) > AIM, np.sign(centre[:2]), 0.0)
        values = self.values.copy()
        for one in range(len(values)):
            same = kind == one
            if not same.any():
                same = stop[kind] == stop[one]
            if same.any():
                pull = float(push @ (middle[same, :2].mean(axis=0) - centre[:2]))
                values[one] -= worth * pull * scales.mass_g[one] / scales.mass_g[kind].sum()
        return np.maximum(values, LEAST_PRICE * self.values)

    def _again(
        self, budget: Budget, rows: Rows, quantities: NDArray[np.int32], values: NDArray[np.float64], worth: float,
        random: np.random.Generator,
    ) -> Packed:  # fmt: skip
        """Pack everything anew, of kinds that would stand where it is too heavy at most some of those loaded.

        Where goods are unloaded at several stops, every other time those of the last ones are spread out first: under a
        ceiling, drawn at random, they take more of the length.
        """
        budget.charge(BLOCKS_WORK)
        part = replace(part_of(budget, 1.0), work_limit=budget.work + WHOLE_WORK)
        loaded = self._counts(rows)
        fewer = np.minimum(quantities, np.ceil(loaded * random.uniform(LEAST_AGAIN, 1, len(loaded))).astype(np.int32))
        most = np.where(values < self.values, fewer, quantities)
        stand, stops = self.pinned, np.array([one.stop for one in self.problem.packages])
        later = sorted({int(one) for one in stops[loaded > 0]})[1:]
        if later and not len(self.pinned) and random.random() < SPREAD_SHARE:
            first = np.where(stops >= random.choice(later), np.minimum(most, loaded), 0).astype(np.int32)
            stand = self._under_ceiling(part, first, values, random)
            most = np.maximum(most - self._counts(stand), 0).astype(np.int32)
        balance = worth / max(1.0, float(most @ values))
        return self._packed(part, stand, most, values, balance=balance, seed=int(random.integers(1 << 30)))

    def _under_ceiling(
        self, budget: Budget, quantities: NDArray[np.int32], values: NDArray[np.float64], random: np.random.Generator
    ) -> Rows:
        """Pack as many of these packages as stand under a ceiling between the lowest that may do and the top."""
        box = self.container
        volumes = np.array([one.volume_mm3 for one in self.problem.packages], np.float64)
        least = float(quantities @ volumes) / (box.length_mm * box.width_mm)
        ceiling = max(1, int(random.uniform(least, box.top_mm)))
        part = replace(budget, work_limit=budget.work + WHOLE_WORK / 2)
        lower = replace(box, load_line_mm=ceiling)
        return Packer(self.problem, lower, self.problem.packages).pack(part, quantities, values).rows

    def _part_packed(
        self, budget: Budget, rows: Rows, quantities: NDArray[np.int32], values: NDArray[np.float64], worth: float,
        random: np.random.Generator,
    ) -> Packed:  # fmt: skip
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
        balance = worth / max(1.0, float(left @ values))
        return self._packed(part, rows[stays], left, values, balance=balance, seed=int(random.integers(1 << 30)))

    def _packed(
        self, budget: Budget, stand: Rows, left: NDArray[np.int32], values: NDArray[np.float64], *, balance: float,
        seed: int,
    ) -> Packed:  # fmt: skip
        """Pack around what stands; the value is that of all that is not pinned."""
        found = self.packer.pack(budget, left, values, pinned=stand, loaded=self.loaded, seed=seed, balance=balance)
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
