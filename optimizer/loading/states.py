"""What the search knows while it fills a container: the container, the blocks and their worth, partly filled states."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.loading.blocks import Blocks
from optimizer.loading.spaces import FIELDS, MOST_SPACES

PLACED = 9
"""Numbers of a placed block: low corner, high corner, block, turned round along x, along y.

The block of a pinned package is -1 less its row among the pins.
"""


class Pins(NamedTuple):
    """Packages that stand already, one row each, lowest first, and what is loaded in which phase.

    `boxes` holds low corner, high corner and kind; `bears` whether something may stand on top. `stop` and `owner` go
    by phase; the owner is -1 for goods of nobody.
    """

    boxes: NDArray[np.int32]
    phase: NDArray[np.int32]
    bears: NDArray[np.bool_]
    stop: NDArray[np.int32]
    owner: NDArray[np.int32]


class Room(NamedTuple):
    """The container and how it is filled.

    `least` are the least horizontal and vertical sizes of any package. `full`: every block stands on a floor that is
    wholly borne; `grounded`: blocks start from the bottom corners of a space; `from_front`: never from the door end;
    `sliced`: a new phase starts where the last one's cargo ends; `step_mm` is the grid on which reachable
    lengths are looked up; `pins` is what stands already.
    """

    size: NDArray[np.int32]
    least: NDArray[np.int32]
    full: bool
    grounded: bool
    from_front: bool
    sliced: bool
    phases: int
    step_mm: int
    pins: Pins


class Reaches(NamedTuple):
    """Sizes that packages may take along each axis, and the greatest sum of them below every length (grid steps)."""

    sizes: NDArray[np.int32]
    numbers: NDArray[np.int32]
    below: NDArray[np.int32]


class Priced(NamedTuple):
    """Blocks in the order in which they are tried, with what each is worth before its place is known.

    `steps` are their sizes on the grid of reachable lengths, rounded up.
    """

    blocks: Blocks
    steps: NDArray[np.int32]
    value: NDArray[np.float64]
    worth: NDArray[np.float64]
    contact_power: int


class States(NamedTuple):
    """Partly filled containers, one row each."""

    spaces: NDArray[np.int32]
    n_spaces: NDArray[np.int32]
    placed: NDArray[np.int32]
    n_placed: NDArray[np.int32]
    left: NDArray[np.int32]
    value: NDArray[np.float64]
    phase: NDArray[np.int32]
    classes: NDArray[np.int64]
    refused: NDArray[np.int64]
    boxes: NDArray[np.int32]
    n_boxes: NDArray[np.int32]
    borne: NDArray[np.float64]
    mass: NDArray[np.float64]
    line: NDArray[np.float64]


def make_states(rows: int, placed: int, kinds: int, boxes: int, bins: int) -> States:
    """Return empty states."""
    return States(
        spaces=np.zeros((rows, MOST_SPACES, FIELDS), np.int32),
        n_spaces=np.zeros(rows, np.int32),
        placed=np.zeros((rows, placed, PLACED), np.int32),
        n_placed=np.zeros(rows, np.int32),
        left=np.zeros((rows, kinds), np.int32),
        value=np.zeros(rows),
        phase=np.zeros(rows, np.int32),
        classes=np.zeros(rows, np.int64),
        refused=np.zeros(rows, np.int64),
        boxes=np.zeros((rows, boxes, 7), np.int32),
        n_boxes=np.zeros(rows, np.int32),
        borne=np.zeros((rows, boxes)),
        mass=np.zeros(rows),
        line=np.zeros((rows, bins)),
    )


@njit(cache=True, nogil=True)
def copy_state(source: States, i: int, target: States, j: int) -> None:
    """Copy row i of `source` to row j of `target`."""
    spaces, placed, boxes = source.n_spaces[i], source.n_placed[i], source.n_boxes[i]
    target.spaces[j, :spaces] = source.spaces[i, :spaces]
    target.n_spaces[j] = spaces
    target.placed[j, :placed] = source.placed[i, :placed]
    target.n_placed[j] = placed
    target.left[j] = source.left[i]
    target.value[j] = source.value[i]
    target.phase[j] = source.phase[i]
    target.classes[j] = source.classes[i]
    target.refused[j] = source.refused[i]
    target.boxes[j, :boxes] = source.boxes[i, :boxes]
    target.n_boxes[j] = boxes
    target.borne[j, :boxes] = source.borne[i, :boxes]
    target.mass[j] = source.mass[i]
    target.line[j] = source.line[i]
