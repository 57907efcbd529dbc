"""The load of a container in two dimensions: from above, from the side, and layer by layer, as SVG.

Blocks carry the numbers of their loading steps and the pattern of their owner, so that a print without colours says
the same. Pictures are drawn on white in any theme; lengths are in cm. The front wall is on the left, the door on the
right; from above the left wall is at the bottom, from the side the viewer stands at the left wall.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape

from app.load_plan_drawing import BALANCE, BAND_PERMILLE, DOOR, NEW
from consortium.documents.step_pictures import INK, Box, fills, patterns, swatch
from consortium.member_looks import Look
from consortium.views_loads import LoadView

MARGIN_CM = 8
LARGEST_LETTER_CM, LEAST_LETTER_CM = 26.0, 9.0
LETTERS_WIDE = 0.62
"""Width of a digit as a part of its height."""


class Sight(Enum):
    """Where one looks from."""

    ABOVE = "above"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class Flat:
    """A block as one sees it: its rectangle in cm from the top left of the picture, and packages along both sides."""

    left: float
    top: float
    width: float
    height: float
    counts: tuple[int, int]
    box: Box


def layers(boxes: Sequence[Box]) -> list[list[Box]]:
    """Return the blocks by how many stand below them at most, the floor first: in no layer does one hide another.

    Parameters
    ----------
    boxes
        Blocks of one container that do not overlap.
    """
    level: dict[int, int] = {}
    for index in sorted(range(len(boxes)), key=lambda one: boxes[one].low[2]):
        below = (level[other] for other in level if _meet_from_above(boxes[other], boxes[index]))
        level[index] = 1 + max(below, default=-1)
    found: list[list[Box]] = [[] for _ in range(1 + max(level.values(), default=-1))]
    for index in sorted(level):
        found[level[index]].append(boxes[index])
    return found


def draw(
    view: LoadView,
    boxes: Iterable[Box],
    sight: Sight,
    name: str,
    *,
    new: Box | None = None,
    framed: Iterable[Box] = (),
    centred: bool = False,
) -> str:
    """Return the blocks in the container, seen from above or from the side, as an image in HTML.

    Parameters
    ----------
    name
        What the picture shows, for people who do not see it.
    new
        The block to set off, which is among the boxes.
    framed
        What to frame, also where something hides it.
    centred
        Whether to show where the whole load is centred, and where it should be.
    """
    length, depth = view.length_mm / 10, (view.width_mm if sight is Sight.ABOVE else view.height_mm) / 10
    flats = [_flat(view, one, sight) for one in sorted(boxes, key=lambda one: _nearness(one, sight))]
    looks = {one.box.look: None for one in flats}
    shapes = [patterns(one) for one in looks]
    shapes.append(f'<rect width="{length:.0f}" height="{depth:.0f}" fill="#ffffff" stroke="{INK}" stroke-width="3"/>')
    for one in flats:
        shapes += _block(one)
    shapes += [_frame(one, NEW, 6) for one in flats if one.box is new]
    shapes += [_frame(_flat(view, one, sight), NEW, 6) for one in framed]
    shapes.append(_door(view, sight, length, depth))
    if centred and view.centre_of_gravity_permille is not None:
        shapes += _balance(view.centre_of_gravity_permille, sight, length, depth)
    around = f"{-MARGIN_CM} {-MARGIN_CM} {length + 2 * MARGIN_CM:.0f} {depth + 2 * MARGIN_CM:.0f}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{around}" fill="none">{"".join(shapes)}</svg>'
    return image(svg, name, "width:100%")


def image(svg: str, name: str, style: str) -> str:
    """Return a picture as HTML; inside the page itself Streamlit lets no SVG stand."""
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return f'<img src="{source}" alt="{escape(name)}" style="{style}">'


def legend(names: Mapping[Look, str]) -> str:
    """Return which look is whose, as HTML."""
    row = "display:inline-flex;align-items:center;gap:.4rem;margin-right:1rem"
    entries = (
        f'<span style="{row}">{image(swatch(one), "", "width:1.8rem")}{escape(name)}</span>'
        for one, name in names.items()
    )
    return f'<div style="line-height:1.9">{"".join(entries)}</div>'


def _meet_from_above(one: Box, other: Box) -> bool:
    return all(one.low[axis] < other.high[axis] and other.low[axis] < one.high[axis] for axis in (0, 1))


def _nearness(one: Box, sight: Sight) -> float:
    """Rank a block by how near it is to who looks; the nearest is drawn last."""
    return one.high[2] if sight is Sight.ABOVE else -one.low[1]


def _flat(view: LoadView, one: Box, sight: Sight) -> Flat:
    deep, across, high = one.counts
    up, size, count = (1, view.width_mm, across) if sight is Sight.ABOVE else (2, view.height_mm, high)
    return Flat(
        left=one.low[0],
        top=size / 10 - one.high[up],
        width=one.high[0] - one.low[0],
        height=one.high[up] - one.low[up],
        counts=(deep, count),
        box=one,
    )


def _block(one: Flat) -> Iterator[str]:
    """Yield a block, the lines between its packages, and its number where there is room."""
    for fill in fills(one.box.look):
        yield _rect(one, f'fill="{fill}"')
    yield f'<path d="{_between(one)}" stroke="{INK}" stroke-width="0.8" stroke-opacity="0.6"/>'
    yield _frame(one, INK, 2)
    letter = min(LARGEST_LETTER_CM, 0.7 * one.height, one.width / (LETTERS_WIDE * (len(one.box.number) + 0.6)))
    if one.box.number and letter >= LEAST_LETTER_CM:
        style = f'font-family="sans-serif" font-weight="bold" font-size="{letter:.1f}" text-anchor="middle"'
        halo = f'stroke="#ffffff" stroke-width="{letter / 3.5:.1f}" stroke-linejoin="round" paint-order="stroke"'
        x, y = one.left + one.width / 2, one.top + one.height / 2 + 0.36 * letter
        yield f'<text x="{x:.1f}" y="{y:.1f}" {style} fill="{INK}" {halo}>{one.box.number}</text>'


def _rect(one: Flat, more: str) -> str:
    return f'<rect x="{one.left:.1f}" y="{one.top:.1f}" width="{one.width:.1f}" height="{one.height:.1f}" {more}/>'


def _frame(one: Flat, colour: str, width: float) -> str:
    return _rect(one, f'stroke="{colour}" stroke-width="{width}"')


def _between(one: Flat) -> str:
    columns, rows = one.counts
    upright = (one.left + one.width * index / columns for index in range(1, columns))
    level = (one.top + one.height * index / rows for index in range(1, rows))
    return "".join(
        (
            *(f"M{x:.1f} {one.top:.1f}v{one.height:.1f}" for x in upright),
            *(f"M{one.left:.1f} {y:.1f}h{one.width:.1f}" for y in level),
        )
    )


def _door(view: LoadView, sight: Sight, length: float, depth: float) -> str:
    if sight is Sight.ABOVE:
        top, opening = (depth - view.door_width_mm / 10) / 2, view.door_width_mm / 10
    else:
        top, opening = depth - view.door_height_mm / 10, view.door_height_mm / 10
    return f'<path d="M{length:.1f} {top:.1f}v{opening:.1f}" stroke="{DOOR}" stroke-width="7"/>'


def _balance(centre_permille: tuple[int, int, int], sight: Sight, length: float, depth: float) -> Iterator[str]:
    """Yield the centre of gravity as a cross, and the band in which it should lie."""
    along, across, up = (part / 1000 for part in centre_permille)
    x, y = length * along, depth * (1 - (across if sight is Sight.ABOVE else up))
    low, size = length * (500 - BAND_PERMILLE) / 1000, length * BAND_PERMILLE / 500
    if sight is Sight.ABOVE:
        band_top, band_height = depth * (500 - BAND_PERMILLE) / 1000, depth * BAND_PERMILLE / 500
    else:
        band_top, band_height = depth / 2, depth / 2  # the lower half
    line = 'stroke-width="3" stroke-dasharray="10 7"'
    for colour, more in (("#ffffff", 'stroke-width="6"'), (BALANCE, line)):
        yield (
            f'<rect x="{low:.1f}" y="{band_top:.1f}" width="{size:.1f}" height="{band_height:.1f}" '
            f'stroke="{colour}" {more}/>'
        )
    cross = f"M{x - 12:.1f} {y:.1f}h24M{x:.1f} {y - 12:.1f}v24"
    for colour, width in (("#ffffff", 9), (BALANCE, 5)):
        yield f'<path d="{cross}" stroke="{colour}" stroke-width="{width}"/>'
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" stroke="{BALANCE}" stroke-width="4"/>'
