"""Pictures of loading steps as SVG: what stands already in pale, the new block strong, always from the same viewpoint.

The viewer stands outside the left wall, towards the door, and looks down into the container; the left wall and the
ceiling are cut away. The map below shows the same from above: front wall on the left, door on the right, left wall
at the bottom. All lengths are drawn in cm.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape

from consortium.documents.loading_steps import LoadingStep
from consortium.member_looks import Look, look
from consortium.views_loads import LoadPlace, LoadView

TURN, TILT = math.radians(24), math.radians(27)
"""How far the viewer stands towards the door, and above."""

MARGIN_CM = 26
LEAST_FACE_CM = 28
"""Least side of a face that bears a number."""

INKED = 0.72
"""Part of the colour that what is new gets on paper: the patterns stay readable in black and white."""

INK, FAINT = "#1a1a1a", "#8a8a8a"
FONT = 'font-family="Libertinus Serif"'
CENTRED = f'{FONT} text-anchor="middle"'

Point = tuple[float, float, float]
Step = LoadingStep[LoadPlace]


def project(x: float, y: float, z: float) -> tuple[float, float]:
    """Return where a point of the container is drawn, before it is moved into the picture: right, down."""
    right = x * math.cos(TURN) + y * math.sin(TURN)
    up = -x * math.sin(TURN) * math.sin(TILT) + y * math.cos(TURN) * math.sin(TILT) + z * math.cos(TILT)
    return right, -up


@dataclass(frozen=True)
class Box:
    """A block as it is drawn: its lowest and highest corner in cm, packages along each axis, its look and number."""

    low: Point
    high: Point
    counts: tuple[int, int, int]
    look: Look
    number: str

    def scaled(self, scale: float) -> "Box":
        """Return the box so much larger."""
        (x, y, z), (far_x, far_y, far_z) = self.low, self.high
        low, high = (x * scale, y * scale, z * scale), (far_x * scale, far_y * scale, far_z * scale)
        return replace(self, low=low, high=high)

    def before(self, other: "Box") -> bool:
        """Say whether this box may hide nothing of the other and the other may hide some of it."""
        behind = self.high[0] <= other.low[0] or self.low[1] >= other.high[1] or self.high[2] <= other.low[2]
        ahead = other.high[0] <= self.low[0] or other.low[1] >= self.high[1] or other.high[2] <= self.low[2]
        return behind and not ahead


class StepPictures:
    """Draws the steps of one container.

    Parameters
    ----------
    view
        The container.
    steps
        All steps in the order of loading, also those of neutral owners.
    numbers
        Number of each step as the paper counts them; empty for steps that it does not tell.
    door, front
        What the door and the front wall are called.
    cm
        Writes a length given in mm in cm.
    scale
        How much larger than in cm everything is drawn: lines and letters suit a container's length.
    """

    def __init__(
        self,
        view: LoadView,
        steps: Sequence[Step],
        numbers: Sequence[str],
        *,
        door: str,
        front: str,
        cm: Callable[[int], str],
        scale: float = 1.0,
    ) -> None:
        self.scale = scale
        self.inside = (view.length_mm * scale / 10, view.width_mm * scale / 10, view.height_mm * scale / 10)
        self.boxes = [box_of(step, number).scaled(scale) for step, number in zip(steps, numbers, strict=True)]
        self.door, self.front = escape(door), escape(front)
        self.cm = cm

    @cached_property
    def _painted(self) -> list[int]:
        """Positions of all boxes, the farthest first."""
        waits = [{j for j, other in enumerate(self.boxes) if other.before(one)} for one in self.boxes]
        left, order = list(range(len(self.boxes))), list[int]()
        while left:
            free = next((one for one in left if not waits[one].intersection(left)), left[0])
            left.remove(free)
            order.append(free)
        return order

    def step(self, position: int) -> str:
        """Return the picture of the step at a position: it and everything before it."""
        new = self.boxes[position]
        shapes = [patterns(new.look), *self._room()]
        for index in self._painted:
            if index < position:
                shapes += _pale(self.boxes[index])
            elif index == position:
                shapes += _strong(new)
        shapes.append(_outline(new))
        return self._framed(shapes)

    def whole(self) -> str:
        """Return the picture of everything loaded, every block in the colour of its owner."""
        looks = {one.look: None for one in self.boxes}
        shapes = [*(patterns(one) for one in looks), *self._room()]
        for index in self._painted:
            shapes += _strong(self.boxes[index], package_lines=False)
        return self._framed(shapes)

    def map(self, position: int) -> str:
        """Return the sketch of a step seen from above, with its distances from the front wall and the left wall."""
        length, width, _ = self.inside
        new = self.boxes[position]
        shapes = [patterns(new.look), _rectangle((0, 0), (length, width), width, "#ffffff", INK, 3)]
        shapes += [
            _rectangle(one.low, one.high, width, _mixed(one.look.colour, 0.2), FAINT, 1.2)
            for one in sorted(self.boxes[:position], key=lambda one: one.high[2])
        ]
        shapes += [_rectangle(new.low, new.high, width, fill, INK, 3) for fill in _printed(new.look)]
        shapes.append(
            f'<path d="M{length:.0f} 0V{width:.0f}" stroke="#ffffff" stroke-width="6" stroke-dasharray="16 12"/>'
        )
        shapes += _distances(new, width, lambda drawn: self.cm(round(drawn * 10 / self.scale)))
        box = f"-105 -14 {length + 125:.0f} {width + 92:.0f}"
        return _svg(box, shapes)

    def _room(self) -> Iterator[str]:
        """Yield what can be seen of the empty container: floor, far wall, front wall, the edges of the door."""
        length, width, height = self.inside
        floor = [(0, 0, 0), (length, 0, 0), (length, width, 0), (0, width, 0)]
        far = [(0, width, 0), (length, width, 0), (length, width, height), (0, width, height)]
        front = [(0, 0, 0), (0, width, 0), (0, width, height), (0, 0, height)]
        for corners, fill in ((floor, "#ececec"), (far, "#f7f7f7"), (front, "#f1f1f1")):
            yield _polygon(corners, fill, FAINT, 1.5)
        door = [(length, 0, 0), (length, width, 0), (length, width, height), (length, 0, height)]
        yield _polygon(door, "none", INK, 3.5, 'stroke-dasharray="14 8"')
        x, y = project(0, width, height)
        yield f'<text x="{x:.0f}" y="{y - 12:.0f}" font-size="30" {CENTRED} fill="{INK}">{self.front}</text>'
        x, y = project(length, 0, 0)
        yield f'<text x="{x + 16:.0f}" y="{y + 8:.0f}" font-size="30" {FONT} fill="{INK}">{self.door}</text>'

    def _framed(self, shapes: Iterable[str]) -> str:
        length, width, height = self.inside
        corners = [project(x, y, z) for x in (0, length) for y in (0, width) for z in (0, height)]
        left, top = min(x for x, _ in corners) - 30, min(y for _, y in corners) - 2 * MARGIN_CM
        right, bottom = max(x for x, _ in corners) + 30, max(y for _, y in corners) + MARGIN_CM / 2
        return _svg(f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}", shapes)


def swatch(one: Look) -> str:
    """Return a small rectangle in a look, for legends."""
    shapes = [patterns(one), *(f'<rect x="1" y="1" width="58" height="38" fill="{fill}"/>' for fill in _printed(one))]
    return _svg("0 0 60 40", [*shapes, f'<rect x="1" y="1" width="58" height="38" fill="none" stroke="{INK}"/>'])


def box_of(step: Step, number: str) -> Box:
    """Return a step as it is drawn, with its number, empty where the reader may not know it."""
    low = (step.x_mm / 10, step.y_mm / 10, step.z_mm / 10)
    sizes = [size / 10 for size in step.size_mm]
    high = (low[0] + sizes[0], low[1] + sizes[1], low[2] + sizes[2])
    return Box(low, high, (step.deep, step.across, step.high), look(step.one.owner.look), number)


def _svg(box: str, shapes: Iterable[str]) -> str:
    width, height = box.split()[2:]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width}" height="{height}" fill="none">'
    return f"{head}{''.join(shapes)}</svg>"


def _faces(one: Box) -> Iterator[tuple[list[Point], float]]:
    """Yield the corners of the three faces in view, each with how much lighter than its colour it is."""
    (x, y, z), (far_x, far_y, far_z) = one.low, one.high
    yield [(x, y, far_z), (far_x, y, far_z), (far_x, far_y, far_z), (x, far_y, far_z)], 0.35
    yield [(x, y, z), (far_x, y, z), (far_x, y, far_z), (x, y, far_z)], 0.15
    yield [(far_x, y, z), (far_x, far_y, z), (far_x, far_y, far_z), (far_x, y, far_z)], 0.0


def _pale(one: Box) -> Iterator[str]:
    for corners, lighter in _faces(one):
        yield _polygon(corners, _mixed(one.look.colour, 0.24 - lighter / 3), FAINT, 1.2)
    yield from _numbered(one)


def _strong(one: Box, *, package_lines: bool = True) -> Iterator[str]:
    for corners, lighter in _faces(one):
        colour, *pattern = _printed(one.look)
        yield _polygon(corners, _mixed(colour, 1 - lighter), INK, 2)
        for fill in pattern:
            yield _polygon(corners, fill, INK, 2)
    if package_lines:
        lines = "".join(_path(ends) for ends in _package_lines(one))
        yield f'<path d="{lines}" stroke="#ffffff" stroke-width="4.5"/>'
        yield f'<path d="{lines}" stroke="{INK}" stroke-width="1.6"/>'


def _numbered(one: Box) -> Iterator[str]:
    """Yield the number of a step on its left face and on the one towards the door, where there is room for it."""
    x, y, z = ((low + high) / 2 for low, high in zip(one.low, one.high, strict=True))
    for axis, middle in ((0, (x, one.low[1], z)), (1, (one.high[0], y, z))):
        if one.number and min(one.high[axis] - one.low[axis], one.high[2] - one.low[2]) >= LEAST_FACE_CM:
            right, down = project(*middle)
            place = f'x="{right:.0f}" y="{down + 9:.0f}"'
            yield f'<text {place} font-size="26" {CENTRED} fill="#555555">{one.number}</text>'


def _package_lines(one: Box) -> Iterator[tuple[Point, Point, Point]]:
    """Yield the lines between packages over the two faces that each of them crosses."""
    (x, y, z), (far_x, far_y, far_z) = one.low, one.high
    for part in _between(x, far_x, one.counts[0]):
        yield (part, y, z), (part, y, far_z), (part, far_y, far_z)
    for part in _between(y, far_y, one.counts[1]):
        yield (x, part, far_z), (far_x, part, far_z), (far_x, part, z)
    for part in _between(z, far_z, one.counts[2]):
        yield (x, y, part), (far_x, y, part), (far_x, far_y, part)


def _between(low: float, high: float, count: int) -> Iterator[float]:
    return (low + (high - low) * index / count for index in range(1, count))


def _outline(one: Box) -> str:
    """Return the outline of the new block over everything, so that it is seen where something hides it."""
    (x, y, z), (far_x, far_y, far_z) = one.low, one.high
    around = [(x, y, z), (far_x, y, z), (far_x, far_y, z), (far_x, far_y, far_z), (x, far_y, far_z), (x, y, far_z)]
    return _polygon(around, "none", INK, 4.5)


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (project(*point) for point in points))


def _polygon(corners: Iterable[Point], fill: str, stroke: str, width: float, more: str = "") -> str:
    line = f'stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round"'
    return f'<path d="{_path(corners)}Z" fill="{fill}" {line} {more}/>'


def _rectangle(low: Sequence[float], high: Sequence[float], width: float, fill: str, stroke: str, line: float) -> str:
    x, y = low[0], width - high[1]
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{high[0] - low[0]:.1f}" height="{high[1] - low[1]:.1f}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{line}"/>'
    )


def _distances(new: Box, width: float, cm: Callable[[float], str]) -> Iterator[str]:
    """Yield arrows from the front wall and from the left wall to the block, with the distances in cm."""
    x, y = new.low[0], new.low[1]
    base = width + 34
    yield f'<path d="M0 {width + 8:.0f}V{base + 12:.0f}M{x:.1f} {width - y:.1f}V{base + 12:.0f}" stroke="{FAINT}"/>'
    yield f'<path d="M0 {base}H{x:.1f}" stroke="{INK}" stroke-width="3"/>'
    yield f'<text x="{x / 2:.0f}" y="{base + 34:.0f}" font-size="44" {CENTRED} fill="{INK}">{cm(x)}</text>'
    yield f'<path d="M-20 {width:.0f}H0M-20 {width - y:.1f}H{x:.1f}" stroke="{FAINT}"/>'
    yield f'<path d="M-14 {width:.0f}V{width - y:.1f}" stroke="{INK}" stroke-width="3"/>'
    yield f'<text x="-58" y="{width - y / 2 + 14:.0f}" font-size="44" {CENTRED} fill="{INK}">{cm(y)}</text>'


def _printed(one: Look) -> tuple[str, ...]:
    """Return what a shape is filled with on paper."""
    colour, *pattern = fills(one)
    return _mixed(colour, INKED), *pattern


def fills(one: Look) -> tuple[str, ...]:
    """Return what a shape is filled with, one on top of the other: the colour and the pattern."""
    return (one.colour,) if one.pattern == "plain" else (one.colour, f"url(#{one.pattern})")


_LINES: dict[str, tuple[int, str]] = {
    "slant": (14, "M-2 16L16 -2M-9 9L9 -9M5 23L23 5"),
    "backslant": (14, "M-2 -2L16 16M5 -9L23 9M-9 5L9 23"),
    "horizontal": (12, "M0 6H12"),
    "vertical": (12, "M6 0V12"),
    "zigzag": (16, "M0 4L8 12L16 4"),
    "cross": (16, "M0 0L16 16M0 16L16 0"),
    "dashes": (16, "M1 4H9M9 12H16M0 12H1"),
    "dots": (12, "M6 6h0.01"),
}
"""Pattern -> size of its tile and the path in it, in cm."""


def patterns(one: Look) -> str:
    """Return the definition of a look's pattern, which every picture that uses it needs once."""
    if one.pattern == "plain":
        return ""
    size, path = _LINES[one.pattern]
    dots = 'stroke-width="5" stroke-linecap="round"' if one.pattern == "dots" else 'stroke-width="2.2"'
    tile = f'<pattern id="{one.pattern}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
    return f'<defs>{tile}<path d="{path}" stroke="{INK}" stroke-opacity="0.75" {dots}/></pattern></defs>'


def _mixed(colour: str, part: float) -> str:
    """Return a colour mixed with white: part 1 is the colour, 0 white."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (channel - 255) * part):02x}" for channel in channels)
