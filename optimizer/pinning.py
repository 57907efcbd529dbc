"""What to pin of a load: packages chosen by hand, and with them all that they rest on."""

from collections.abc import Collection

from optimizer.load_problem import Pinned
from optimizer.load_result import LoadAnswer
from optimizer.manual_loading import pinned, working_load


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
    held = pinned(working_load(load.placements), steps)
    places = tuple(one.placement for one in held.standing if one.is_pinned)
    return Pinned(container=load.container, position=position, placements=places)
