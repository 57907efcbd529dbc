"""Everything in the fewest or cheapest containers: loads of single containers, chosen and mended together.

The first answer fills one container after the other. Then, until the work is used up, a cheaper mix of containers is
aimed at: its containers are filled in turn, the loads found so far are covered anew (set cover, P. C. Gilmore and
R. E. Gomory, 1961: prices of the linear relaxation are the values with which the next loads are searched), and what is
left over is exchanged with one or two loads at a time. What stays over again and again becomes dearer (G. Belov and
G. Scheithauer, Setup and open-stacks minimization in one-dimensional stock cutting, INFORMS J. on Computing 19, 2007,
use such corrections of values), so that it is loaded earlier.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadProblem, Objective
from optimizer.loading.bounds import cheapest_mix, lower_bound, measures, stance_alone, surplus
from optimizer.loading.cover import Load, best_cover, load_of, prices, without_surplus
from optimizer.loading.packer import Budget, Packer

LEAST_WORK = 0.001
"""Work that every container gets, also when all is used up: one greedy load, so that nothing is left behind."""

BLOCKS_WORK, LP_WORK, MIX_WORK = 0.12, 0.02, 0.01
"""What making blocks, a linear program and the choice of a mix cost, roughly: the search counts only its own steps."""

FIRST_EFFORT, GROWTH = 0.03, 1.15
"""Work for one load in the first round, and by how much it grows from round to round."""

FILL_PERMILLE, LEAST_FILL_PERMILLE, STEP_PERMILLE = 900, 200, 10
"""How full containers are expected to be at most at first, at least, and the steps in which that is tried."""

FULLER_PERMILLE = 1_150, 40
"""How much fuller than those of the first plan the first mix is, and by how much the next one after a success."""

TIGHTNESS_POWER = 4
"""How much more a package is worth for what it needs of something scarce than of something that is not."""

COVER_WORK = 0.2
MOST_LOADS = 1_500
DEARER = 1.15
MENDABLE = 0.5
"""Part of a container's volume up to which what is left over may find room by exchanges."""

PERMILLE = 1000


class Plan(NamedTuple):
    """Loads, and the packages of each kind that are in none of them."""

    loads: tuple[Load, ...]
    left: NDArray[np.int32]


class Chosen(NamedTuple):
    """The best plan, and what no plan can cost less than that leaves out only what has to stay out.

    `surplus` are those packages of each kind, which are not counted as left over.
    """

    plan: Plan
    bound: int
    surplus: NDArray[np.int32]


OnBetter = Callable[[int, int], None]


def load_many(
    problem: LoadProblem,
    packers: Sequence[Packer],
    quantities: NDArray[np.int32],
    limits: Sequence[int | None],
    budget: Budget,
    *,
    seed: int = 0,
    on_better: OnBetter,
) -> Chosen:
    """Load all packages into the fewest or cheapest containers that are found within the budget.

    Parameters
    ----------
    packers, limits
        For each container of the problem: what packs it, and how many there are (None: as many as needed).
    quantities
        Packages to load of each kind; each fits one of the containers.
    on_better
        Told the cost (or number) of containers and its bound whenever there is a better plan, and in between.
    """
    search = _Search(problem, packers, quantities, limits, budget, seed)
    out = np.zeros_like(quantities)
    if search.best.left.any() and not problem.pinned:
        out = surplus(problem, np.where(search.best.left > 0, quantities, 0))
        if out.any():
            search = _Search(problem, packers, quantities - out, limits, budget, seed)
    on_better(search.cost(search.best), search.least)
    while search.round():
        on_better(search.cost(search.best), search.least)
    return Chosen(search.best, search.least, out)


class _Search:
    """What the search knows: the best plan, all loads found, and what packages are worth at the moment."""

    def __init__(
        self, problem: LoadProblem, packers: Sequence[Packer], quantities: NDArray[np.int32],
        limits: Sequence[int | None], budget: Budget, seed: int,
    ) -> None:  # fmt: skip
        self.problem, self.packers, self.quantities, self.budget = problem, packers, quantities, budget
        self.limits = list(limits)
        self.random = Random(seed)  # noqa: S311 - a search, no secret
        by_cost = problem.objective is Objective.COST
        self.costs = [box.cost_minor if by_cost else 1 for box in problem.containers]
        self.room = [box.volume_mm3 for box in problem.containers]
        self.volumes = np.array([one.volume_mm3 for one in problem.packages], np.float64)
        self.needs = measures(problem, quantities)
        self.least = lower_bound(problem, quantities, self.needs, self.costs)
        self.mixes: dict[int, tuple[int, ...] | None] = {}
        self.values = self._values()
        self.weights = np.ones(len(quantities))
        self.pool: dict[tuple[int, bytes], Load] = {}
        self.near: dict[tuple[int, ...], Plan] = {}
        self.best = self._fill_up(Plan((), quantities))
        self.aim = min(FILL_PERMILLE, self._fill(self.best) * FULLER_PERMILLE[0] // PERMILLE)
        self.rounds, self.effort = 0, FIRST_EFFORT

    def cost(self, plan: Plan) -> int:
        """Return what the containers of a plan cost, or how many there are."""
        return sum(self.costs[one.box] for one in plan.loads)

    def _worth(self, plan: Plan) -> tuple[float, int]:
        return float(plan.left @ self.values), self.cost(plan)

    def _fill(self, plan: Plan) -> int:
        """Return how full the containers of a plan are on average, permille."""
        packed = float((self.quantities - plan.left) @ self.volumes)
        return int(PERMILLE * packed / max(1, sum(self.room[one.box] for one in plan.loads)))

    def _values(self) -> NDArray[np.float64]:
        """Return what packages are worth at first: their volume, and what they need of all that is scarce."""
        numbers = self._mix(PERMILLE)
        volume = float(self.volumes @ self.quantities)
        values = self.volumes.copy()
        if numbers is None:
            return values
        for one in self.needs:
            tight = one.need / sum(n * room for n, room in zip(numbers, one.rooms, strict=True))
            values += tight**TIGHTNESS_POWER * volume / one.need * np.array(one.each, np.float64)
        return values

    def _mix(self, fill_permille: int) -> tuple[int, ...] | None:
        """Return the cheapest containers that would do if so much of their volume could be used."""
        if fill_permille not in self.mixes:
            self.mixes[fill_permille] = cheapest_mix(self.problem, self.needs, self.costs, fill_permille)
            self.budget.charge(MIX_WORK)
        return self.mixes[fill_permille]

    def round(self) -> bool:
        """Aim at a better plan once; say whether another round may find one."""
        mix = None if self._done() else self._target()
        if mix is None:
            return False
        again = self.near.get(mix) if self.rounds % 2 else None
        plan = self._mended(again or self._covered(mix, self._dive(mix)), mix)
        self._keep(plan)
        known = self.near.get(mix)
        if known is None or self._worth(plan) <= self._worth(known):
            self.near[mix] = plan
        self.weights *= 1.0 + plan.left / np.maximum(1, self.quantities)
        self.aim = self._fill(plan) + (STEP_PERMILLE if plan.left.any() else FULLER_PERMILLE[1])
        self.rounds += 1
        self.effort *= GROWTH
        return True

    def _done(self) -> bool:
        if not self.best.left.any() and self.cost(self.best) <= self.least:
            self.budget.ended_by = self.budget.ended_by or "proof"
        return self.budget.over()

    def _target(self) -> tuple[int, ...] | None:
        """Return containers of each kind that are cheaper than the best plan, as full as the last aim or fuller.

        Where something stays out these are all containers that there are.
        """
        if self.best.left.any():
            used = Counter(one.box for one in self.best.loads)
            there = tuple(used[box] if most is None else most for box, most in enumerate(self.limits))
            return there if any(there) else None
        for fill in range(max(LEAST_FILL_PERMILLE, min(self.aim, PERMILLE)), PERMILLE + STEP_PERMILLE, STEP_PERMILLE):
            mix = self._mix(min(fill, PERMILLE))
            if mix and sum(n * cost for n, cost in zip(mix, self.costs, strict=True)) < self.cost(self.best):
                return mix
        return None

    def _keep(self, plan: Plan) -> None:
        """Make a plan the best one if it is better."""
        if plan.left.any() and not self.best.left.any():
            return
        plan = self._smaller(self._fill_up(plan))
        if self._worth(plan) < self._worth(self.best):
            self.best = plan

    def _packed(self, box: int, quantities: NDArray[np.int32], values: NDArray[np.float64], work: float) -> Load:
        budget = self.budget
        part = Budget(budget.work + max(LEAST_WORK, work), budget.deadline, budget.should_stop, budget.spent)
        packed = self.packers[box].pack(part, quantities, values)
        budget.charge(BLOCKS_WORK)
        if part.ended_by in ("time_limit", "stopped"):
            budget.ended_by = part.ended_by
        load = load_of(box, packed.rows, len(quantities))
        if len(load.rows) and len(self.pool) < MOST_LOADS:
            self.pool.setdefault((box, load.counts.tobytes()), load)
        return load

    def _fill_up(self, plan: Plan) -> Plan:
        """Fill further containers, one after the other, each with what is worth most for its cost."""
        loads, left = list(plan.loads), plan.left
        while left.any() and self.budget.ended_by not in ("time_limit", "stopped"):
            free = self._free(loads)
            tried = [self._packed(box, left, self.values, LEAST_WORK) for box, most in enumerate(free) if most]
            tried = [one for one in tried if len(one.rows)]
            if not tried and self.budget.ended_by not in ("time_limit", "stopped"):
                tried = [one for box, most in enumerate(free) if most for one in self._alone(box, left)]
            if not tried:
                break
            load = max(tried, key=lambda one: self._merit(one, left))
            times = _times(load, left, free[load.box])
            loads += [load] * times
            left = left - times * load.counts
        return Plan(tuple(loads), left)

    def _alone(self, box: int, left: NDArray[np.int32]) -> Iterator[Load]:
        """Yield a container with one package where it takes one: what the search passes by stays not behind."""
        for kind in np.flatnonzero(left).tolist():
            sizes = stance_alone(self.problem.containers[box], self.problem.packages[kind])
            if sizes is not None:
                yield load_of(box, np.array([(kind, 0, 0, 0, *sizes)], np.int32), len(left))
                return

    def _merit(self, load: Load, left: NDArray[np.int32]) -> tuple[float, ...]:
        """Rank a load: the cheapest one that takes all that is left, else the most volume for its cost."""
        cost = self.costs[load.box]
        if (load.counts == left).all():
            return 1.0, -float(cost), -float(self.room[load.box])
        return 0.0, float(load.counts @ self.values) / max(1, cost), -float(cost)

    def _free(self, loads: Sequence[Load]) -> list[int]:
        """Return how many containers of each kind may still be used."""
        free = [int(self.quantities.sum()) if most is None else most for most in self.limits]
        for one in loads:
            free[one.box] -= 1
        return free

    def _dive(self, mix: tuple[int, ...]) -> Plan:
        """Fill the containers of a mix in turn, with values that turn by turn are prices or corrected volumes."""
        free, left, loads = list(mix), self.quantities, list[Load]()
        values = self.values * self.weights
        if self.rounds % 4 == 2:
            values, pool, used = self._prices(mix)
            for at in np.argsort(-used, kind="stable").tolist():
                times = min(int(used[at] + 1e-6), _times(pool[at], left, free[pool[at].box]))
                loads += [pool[at]] * times
                free[pool[at].box] -= times
                left = left - times * pool[at].counts
        for box in self._order(free):
            if free[box] and left.any() and not self.budget.over():
                load = self._packed(box, left, values, self._share())
                times = _times(load, left, free[box]) if len(load.rows) else 0
                loads += [load] * times
                free[box] -= times
                left = left - times * load.counts
        return Plan(tuple(loads), left)

    def _order(self, numbers: Sequence[int]) -> list[int]:
        """Return containers in the order in which they are filled: large ones first, last, or anyhow."""
        order = [box for box, number in enumerate(numbers) for _ in range(number)]
        way = self.rounds // 2 % 3
        if way == 2:
            self.random.shuffle(order)
            return order
        return sorted(order, key=lambda box: self.room[box], reverse=way == 0)

    def _prices(self, mix: tuple[int, ...]) -> tuple[NDArray[np.float64], list[Load], NDArray[np.float64]]:
        """Return what packages are worth at the prices of all loads, these loads, and how often each is used.

        Loads that are worth more than they cost at these prices are added first.
        """
        costs = [float(max(1, one)) for one in self.costs]
        dear = 10 * max(cost / room for cost, room in zip(costs, self.room, strict=True))
        while True:
            pool = list(self.pool.values())
            found, used = prices(
                pool, self.quantities, costs, self.limits, dear * self.volumes, self.budget.should_stop
            )
            self.budget.charge(LP_WORK)
            values = np.maximum(found, 0.02 * dear * self.volumes / 10)
            boxes = [box for box, number in enumerate(mix) if number]
            if self.budget.over() or len(mix) > len(pool):
                return values, pool, used
            loads = [self._packed(box, self.quantities, values, self._share()) for box in boxes]
            if len(self.pool) == len(pool) or all(one.counts @ found <= 1.001 * costs[one.box] for one in loads):
                return values, pool, used

    def _covered(self, mix: tuple[int, ...], plan: Plan) -> Plan:
        """Return the plan, or a better choice among all loads found for the containers of a mix."""
        if self.budget.over() or not plan.left.any():
            return plan
        pool = list(self.pool.values())
        seed = self.random.randrange(1 << 31)
        weights = self.values * self.weights
        chosen = best_cover(pool, self.quantities, weights, mix, self.budget, COVER_WORK, seed)
        loads = without_surplus([one for one, n in zip(pool, chosen, strict=True) for _ in range(n)], self.quantities)
        left = self.quantities - sum((one.counts for one in loads), np.zeros_like(self.quantities))
        return min(plan, Plan(tuple(loads), left), key=self._worth)

    def _mended(self, plan: Plan, mix: tuple[int, ...]) -> Plan:
        """Exchange what is left over with the contents of one or two loads, as long as no more is left over."""
        loads, left = list(plan.loads), plan.left
        largest = max((room for room, number in zip(self.room, mix, strict=True) if number), default=0)
        if left @ self.volumes > MENDABLE * largest:
            return plan
        free = list(mix)
        for one in loads:
            free[one.box] -= 1
        loads += [load_of(box, np.zeros((0, 7), np.int32), len(left)) for box in self._order(free)]
        values = self.values * self.weights
        for turn in range(2 * len(loads) + 2):
            if not left.any() or self.budget.over():
                break
            chosen = self.random.sample(range(len(loads)), min(len(loads), 1 + turn % 2))
            rest = left + sum(loads[at].counts for at in chosen)
            found = []
            for at in chosen:
                found.append(self._packed(loads[at].box, rest, values, self._share()))
                rest = rest - found[-1].counts
            values = values * np.where(left > 0, DEARER, 1.0)
            if rest @ values <= left @ values:
                left = rest
                for at, load in zip(chosen, found, strict=True):
                    loads[at] = load
        return Plan(tuple(one for one in loads if len(one.rows)), left)

    def _smaller(self, plan: Plan) -> Plan:
        """Put what is in a container into a cheaper one where that takes it all, the emptiest first."""
        loads = list(plan.loads)
        for load in sorted(plan.loads, key=lambda one: float(one.counts @ self.volumes) / self.room[one.box]):
            free = self._free(loads)
            volume = float(load.counts @ self.volumes)
            for box in sorted(range(len(free)), key=lambda one: self.costs[one]):
                if self.costs[box] >= self.costs[load.box] or self.budget.over():
                    break
                if free[box] and volume <= self.room[box]:
                    found = self._packed(box, load.counts, self.volumes, self._share())
                    if (found.counts == load.counts).all():
                        loads[next(at for at, one in enumerate(loads) if one is load)] = found
                        break
        return Plan(tuple(loads), plan.left)

    def _share(self) -> float:
        """Return the work that the next load may take."""
        return min(self.effort, max(LEAST_WORK, (self.budget.work_limit - self.budget.work) / 10))


def _times(load: Load, left: NDArray[np.int32], most: int) -> int:
    """Return how often a load can be repeated with what is left."""
    held = load.counts > 0
    return min(most, int((left[held] // load.counts[held]).min()))
