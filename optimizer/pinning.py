"""What to pin of a load: packages chosen by hand, and with them all that they rest on."""

from collections.abc import Collection

from optimizer.load_problem import Pinned
from optimizer.load_result import LoadAnswer
from optimizer.result import Placement


def pinned_of(answer: LoadAnswer, position: int, steps: Collection[int]) -> Pinned:
    """Return packages of one load as pinned, and all that holds them up.

    Parameters
    ----------
    position
        Of the load among those of the answer.
    steps
        Steps of the packages that are to stay where they are.
    """
    load = answer.loads[position]
    chosen = {one.step: one for one in load.placements if one.step in steps}
    waiting = list(chosen.values())
    while waiting:
        upper = waiting.pop()
        for lower in load.placements:
            if lower.step not in chosen and _rests_on(upper, lower):
                chosen[lower.step] = lower
                waiting.append(lower)
    placements = tuple(one for one in load.placements if one.step in chosen)
    return Pinned(container=load.container, position=position, placements=placements)


def _rests_on(upper: Placement, lower: Placement) -> bool:
    return (
        upper.z_mm == lower.z_mm + lower.dz_mm
        and upper.x_mm < lower.x_mm + lower.dx_mm
        and lower.x_mm < upper.x_mm + upper.dx_mm
        and upper.y_mm < lower.y_mm + lower.dy_mm
        and lower.y_mm < upper.y_mm + upper.dy_mm
    )
