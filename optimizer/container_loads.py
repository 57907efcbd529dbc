"""Between the containers of a plan and load problems: what is in a container as packages to load, and its load plan."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from optimizer import checking_placements
from optimizer.limits import Limits, ShouldStop, never_stop
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective
from optimizer.load_result import LoadAnswer
from optimizer.loading.engine import plan_loads
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Package
from optimizer.result import ContainerLoad, LoadPlan

SHORT_WORK, LONG_WORK = 0.1, 4.0
"""Work for a container at first, and once more where its contents did not load."""

WORK_OF_BLOCKS = 0.3
"""What a search takes beside its work, for making blocks; it is counted too."""

LEAST_WORK, LEAST_SECONDS = 0.02, 0.01
"""What a search is given when nothing is left."""

Left = dict[tuple[str, str], int]
"""Packages by (consignment, package) that found no place, and how many."""


def load_problem_of(problem: ConsolidationProblem, load: ContainerLoad) -> LoadProblem | None:
    """Return a container of a plan as a load problem: fill it with what is in it, or leave packages out.

    Members are the owners, everything is unloaded at one stop, and support and owners are as the problem's settings
    ask. Goods that state only volume and mass have no sizes and are left out.

    Returns
    -------
    LoadProblem | None
        None where nothing in the container has sizes.
    """
    packages = tuple(
        load_package(problem.consignment[part.consignment], package, part.packages[package.id])
        for part in load.contents
        for package in problem.consignment[part.consignment].packages
        if part.packages.get(package.id)
    )
    if not packages:
        return None
    return LoadProblem(
        objective=Objective.VOLUME,
        containers=(load_container(problem.container_type[load.container_type]),),
        packages=packages,
        owners=problem.settings.owners,
        support_permille=problem.settings.support_permille,
        incompatible_classes=problem.incompatible_classes,
        title=load.id,
    )


def load_container(kind: ContainerType) -> LoadContainer:
    """Return a container type as a container to load."""
    return replace(
        checking_placements.load_container(kind),
        payload_g=kind.payload_g,
        cargo_classes=kind.cargo_classes,
        tare_g=kind.tare_g,
    )


def load_package(consignment: Consignment, package: Package, quantity: int) -> LoadPackage:
    """Return so many packages of a consignment as packages to load."""
    known = checking_placements.load_package(consignment, package)
    return replace(known, quantity=quantity, cargo_class=consignment.cargo_class)


def reachable_mm3(container: LoadContainer, packages: Iterable[LoadPackage]) -> int:
    """Return the volume that packages can use at most, by their sizes along each side of a container.

    Pushed together towards a corner, packages end at sums of their sizes, so that along a side no more is used than the
    largest such sum that it takes (normal patterns, Herz 1972).
    """
    stances = {stance for one in packages for stance in one.stances_in(container)}
    flat = {size for stance in stances for size in stance[:2]}
    length, width = _largest_sum(flat, container.length_mm), _largest_sum(flat, container.width_mm)
    return length * width * _largest_sum({stance[2] for stance in stances}, container.top_mm)


def _largest_sum(sizes: Iterable[int], most: int) -> int:
    """Return the largest sum of any number of these sizes that is not above a limit."""
    reached, everything = 1, (1 << most + 1) - 1
    for size in sizes:
        times = size
        while times <= most:  # once, twice, four times, ...
            reached |= (reached << times) & everything
            times *= 2
    return reached.bit_length() - 1


def can_be_placed(problem: ConsolidationProblem, load: ContainerLoad) -> bool:
    """Say whether everything in a container has sizes, so that a load plan can show that it fits.

    Otherwise the container has no load plan, and its usable volume is the limit; what has sizes must still load alone.
    """
    return all(problem.consignment[part.consignment].packages for part in load.contents)


def with_load_plan(load: ContainerLoad, answer: LoadAnswer) -> ContainerLoad:
    """Return a container with the load plan of an answer that loads all of it."""
    return replace(load, load_plan=LoadPlan(support=answer.support, placements=answer.loads[0].placements))


@dataclass(frozen=True, slots=True)
class Tried:
    """What loading a container came to: the container, with a load plan where all has sizes and finds a place.

    Parameters
    ----------
    loads
        Whether everything that has sizes found a place and, where something has none, the usable volume is kept.
    left
        The packages that found no place.
    """

    load: ContainerLoad
    loads: bool
    left: Left = field(default_factory=dict)


@dataclass(slots=True)
class Loader:
    """Loads containers of one problem; equal contents are loaded once.

    Parameters
    ----------
    work_limit
        Work for all containers together. Each search is counted with what it may use, so that what is tried does not
        depend on the clock; with nothing left a container still gets `LEAST_WORK`.
    deadline
        The moment (of the monotonic clock) at which searches end.
    on_search
        Called before every search.
    """

    problem: ConsolidationProblem
    work_limit: float
    deadline: float
    seed: int = 0
    should_stop: ShouldStop = never_stop
    on_search: Callable[[], None] = lambda: None
    _known: dict[tuple[object, ...], tuple[float, LoadAnswer]] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether the clock or somebody ended it: what does not load from now on was hardly tried."""
        return time.monotonic() > self.deadline or self.should_stop()

    @property
    def spent(self) -> bool:
        """Whether the work is used up: what need not be tried should not be."""
        return self.work_limit <= 0

    def load(self, load: ContainerLoad, work: float = SHORT_WORK) -> Tried:
        """Load a container with so much work, or take what is known of equal contents."""
        asked = load_problem_of(self.problem, load)
        whole = can_be_placed(self.problem, load)
        bare = replace(load, load_plan=None)
        if not whole and load.volume_mm3 > self.problem.container_type[load.container_type].usable_volume_mm3:
            return Tried(bare, loads=False)
        if asked is None:
            return Tried(bare, loads=True)
        answer = self._answer(asked, work)
        if answer is None:
            return Tried(bare, loads=False)
        if answer.unloaded:
            return Tried(bare, False, {(one.consignment, one.package): one.quantity for one in answer.unloaded})
        return Tried(with_load_plan(load, answer) if whole else bare, loads=True)

    def _answer(self, asked: LoadProblem, work: float) -> LoadAnswer | None:
        box, packages = asked.containers[0], asked.packages
        key = (box.code, *sorted((*one.key, one.quantity) for one in packages))
        tried, answer = self._known.get(key, (0.0, None))
        if self.over or (answer is not None and (not answer.unloaded or tried >= work)):
            return answer
        self.on_search()
        given = max(LEAST_WORK, min(work, self.work_limit))
        if sum(one.quantity * one.volume_mm3 for one in packages) > reachable_mm3(box, packages):
            given = LEAST_WORK  # it cannot load: all that is wanted is what stays out
            work = math.inf
        limits = Limits(time_limit_s=max(LEAST_SECONDS, self.deadline - time.monotonic()), work_limit=given)
        found = plan_loads(asked, limits=limits, seed=self.seed, should_stop=self.should_stop)
        if answer is None or _out(found) < _out(answer):
            answer = found
        if not answer.unloaded or not self.over:
            self._known[key] = (work, answer)
            self.work_limit -= WORK_OF_BLOCKS + (given if answer.unloaded else 0)
        return answer


def _out(answer: LoadAnswer) -> int:
    return sum(one.quantity for one in answer.unloaded)
