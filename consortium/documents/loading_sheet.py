"""What a stuffing sheet tells of one container, in no language: its steps, and on which of them each one rests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consortium.documents.loading_steps import LoadingStep, loading_steps
from consortium.views_loads import NEUTRAL_LOOK, LoadPlace, LoadView

Step = LoadingStep[LoadPlace]


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A step as the sheet counts it.

    Parameters
    ----------
    number
        From 1 on, among the steps that the reader may know.
    position
        Among all steps that are drawn.
    rests_on
        Numbers of the steps that it stands on; empty on the floor, and where the reader may not know all of them.
    """

    number: int
    position: int
    step: Step
    rests_on: tuple[int, ...]

    @property
    def mass_g(self) -> int:
        """Mass of all its packages."""
        return sum(one.mass_g or 0 for one in self.step.places)


@dataclass(frozen=True, slots=True)
class LoadingSheet:
    """The steps of one container: all that are drawn, and those that are told."""

    view: LoadView
    steps: tuple[Step, ...]
    told: tuple[ToldStep, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Number of every step that is drawn; empty where it is not told."""
        told = {one.position: str(one.number) for one in self.told}
        return tuple(told.get(position, "") for position in range(len(self.steps)))


def loading_sheet(view: LoadView) -> LoadingSheet:
    """Return the steps of a container for a reader who may know this view: neutral owners are drawn and not told."""
    steps = loading_steps(view.places)
    told = [position for position, step in enumerate(steps) if step.one.owner.look != NEUTRAL_LOOK]
    numbers = {position: number for number, position in enumerate(told, start=1)}
    return LoadingSheet(view, steps, tuple(_told(steps, numbers)))


def _told(steps: Sequence[Step], numbers: dict[int, int]) -> Iterator[ToldStep]:
    for position, number in numbers.items():
        under = [index for index in range(position) if _carries(steps[index], steps[position])]
        known = all(index in numbers for index in under)
        yield ToldStep(number, position, steps[position], tuple(numbers[one] for one in under) if known else ())


def _carries(lower: Step, upper: Step) -> bool:
    if lower.z_mm + lower.size_mm[2] != upper.z_mm:
        return False
    starts = ((lower.x_mm, upper.x_mm), (lower.y_mm, upper.y_mm))
    sizes = zip(lower.size_mm, upper.size_mm, strict=True)
    return all(
        one < other + other_size and other < one + one_size
        for (one, other), (one_size, other_size) in zip(starts, sizes, strict=False)
    )
