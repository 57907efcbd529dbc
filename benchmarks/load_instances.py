"""Published container loading instances: read from files, or drawn again from their seeds.

BR1-BR15 (one container of 587 x 233 x 220 cm, 3 to 100 box types) need no file: `br_problem` follows the procedure of
E. E. Bischoff and M. S. W. Ratcliff, Issues in the development of approaches to container loading, Omega 23, 1995,
377-390, and with the published seeds (2502505, 2502605, ...) and the generator of S. K. Park and K. W. Miller (1988) it
gives the 700 problems of the OR-Library files thpack1-thpack7 to the last box; BR8-BR15 (A. P. Davies and E. E.
Bischoff, European Journal of Operational Research 114, 1999, 509-527) go on with 30 to 100 types. Other first seeds
give unseen problems of the same kind.

`read_thpack` reads the files themselves: thpack1-7 BR, thpack8 Loh and Nee, thpack9 Ivancic, Mathur and Mohanty.
"""

from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path

from optimizer.load_problem import FULL_SUPPORT, LoadContainer, LoadPackage, LoadProblem, Objective
from optimizer.problem_parts import DIMENSIONS

MM_PER_CM = 10
CONTAINER_CM = (587, 233, 220)
LOWEST_CM, HIGHEST_CM = (30, 25, 20), (120, 100, 80)
"""Range of each of the three sizes that are drawn for a box."""
STABILITY_LIMIT = 2
"""A size may stand upright when it is shorter than this many times the shortest side that it would stand on."""
PUBLISHED_SEED, SEED_STEP = 2_502_505, 100
BR_TYPES = dict(enumerate((3, 5, 8, 10, 12, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100), start=1))
"""Class -> number of box types."""

Sizes = tuple[int, int, int]
Kind = tuple[str, Sizes, int, tuple[str, ...]]
"""Id, sizes, quantity of a box type, and which of its sizes may stand upright."""


class ParkMiller:
    """The minimal standard generator: next = 16807 x last modulo 2^31 - 1; the first ten numbers are thrown away."""

    MODULUS = 2**31 - 1

    def __init__(self, seed: int) -> None:
        self.state = seed % self.MODULUS or 1
        for _ in range(10):
            self.below(1)

    def below(self, number: int) -> int:
        """Return an integer from 0 to `number` - 1."""
        self.state = 16_807 * self.state % self.MODULUS
        return number * self.state // self.MODULUS


def drawn_boxes(
    seed: int, types: int, volume: int, lowest: Sizes = LOWEST_CM, highest: Sizes = HIGHEST_CM
) -> list[tuple[Sizes, int]]:
    """Return (sizes in decreasing order, quantity) of each type, filling a volume as far as the next box drawn fits.

    `volume` is in cubes of the unit of the sizes. Source: Bischoff and Ratcliff (1995): sizes of all types first,
    one box of each, then types at random until the box drawn would exceed the volume.
    """
    draw = ParkMiller(seed)
    sizes = [tuple(low + draw.below(high - low + 1) for low, high in zip(lowest, highest, strict=True))
             for _ in range(types)]  # fmt: skip
    volumes = [prod(one) for one in sizes]
    quantities, total = [1] * types, sum(volumes)
    while total + volumes[kind := draw.below(types)] <= volume:
        quantities[kind] += 1
        total += volumes[kind]
    ordered = [sorted(one, reverse=True) for one in sizes]
    return [((one[0], one[1], one[2]), quantity) for one, quantity in zip(ordered, quantities, strict=True)]


def may_stand(sizes: Sizes) -> tuple[str, ...]:
    """Return which of length, width, height may stand upright under the stability limit."""
    return tuple(
        name
        for index, name in enumerate(DIMENSIONS)
        if sizes[index] < STABILITY_LIMIT * min(sizes[:index] + sizes[index + 1 :])
    )


def br_problem(
    box_class: int, number: int, *, first_seed: int = PUBLISHED_SEED, support: int = FULL_SUPPORT
) -> LoadProblem:
    """Return problem `number` (1, 2, ...) of a class (1 to 15): the published one, or with another seed a new one."""
    boxes = drawn_boxes(first_seed + SEED_STEP * (number - 1), BR_TYPES[box_class], prod(CONTAINER_CM))
    return thpack_problem(
        CONTAINER_CM, [(str(index), *box, may_stand(box[0])) for index, box in enumerate(boxes, start=1)],
        Objective.VOLUME, support,
    )  # fmt: skip


def thpack_problem(
    container: Sizes, kinds: Sequence[Kind], objective: Objective, support: int = FULL_SUPPORT
) -> LoadProblem:
    """Return a problem of one kind of container, one of them for the objective VOLUME; sizes in cm."""
    length, width, height = (MM_PER_CM * size for size in container)
    return LoadProblem(
        objective=objective, support_permille=support,
        containers=(LoadContainer(
            code="C", length_mm=length, width_mm=width, height_mm=height,
            count=1 if objective is Objective.VOLUME else None,
        ),),
        packages=tuple(
            LoadPackage(
                id=name, length_mm=MM_PER_CM * sizes[0], width_mm=MM_PER_CM * sizes[1],
                height_mm=MM_PER_CM * sizes[2], quantity=quantity, vertical=vertical,
            )
            for name, sizes, quantity, vertical in kinds
        ),
    )  # fmt: skip


def read_thpack(
    path: Path, objective: Objective = Objective.VOLUME, support: int = FULL_SUPPORT
) -> dict[int, LoadProblem]:
    """Read an OR-Library file of loading problems: number of the problem -> problem, cm turned into mm.

    A flag that is missing in a line (problems 18-20 of thpack9) counts as 0, the stricter reading.

    Raises
    ------
    ValueError
        When the file does not have the format; names the file, the place and what was found.
    """
    lines = (
        (f"{path}:{number}", [int(word) for word in text.split()])
        for number, text in enumerate(path.read_text(encoding="ascii").splitlines(), start=1)
        if text.strip()
    )
    found: dict[int, LoadProblem] = {}
    (count,) = _numbers(lines, path, "the number of problems", 1)
    while len(found) < count:
        number = _numbers(lines, path, "a problem's number and seed", 1, 2)[0]
        length, width, height = _numbers(lines, path, "length, width, height", 3)
        (types,) = _numbers(lines, path, "the number of box types", 1)
        kinds = [_kind(_numbers(lines, path, "a box type of 7 or 8 numbers", 7, 8), path) for _ in range(types)]
        found[number] = thpack_problem((length, width, height), kinds, objective, support)
    return found


def _numbers(lines: Iterator[tuple[str, list[int]]], path: Path, expected: str, *counts: int) -> list[int]:
    place, numbers = next(lines, (f"{path}: end of file", []))
    if len(numbers) not in counts:
        raise ValueError(f"{place}: expected {expected}, found {numbers}")
    return numbers


def _kind(line: list[int], path: Path) -> Kind:
    sizes: list[int] = []
    flags = [0, 0, 0]
    for number in line[1:-1]:
        if number > 1:
            sizes.append(number)
        elif sizes:
            flags[len(sizes) - 1] = number
    vertical = tuple(name for name, flag in zip(DIMENSIONS, flags, strict=True) if flag)
    if len(sizes) != len(DIMENSIONS) or not vertical:
        raise ValueError(f"{path}: expected three sizes and one that may stand upright, found {line}")
    return str(line[0]), (sizes[0], sizes[1], sizes[2]), line[-1], vertical
