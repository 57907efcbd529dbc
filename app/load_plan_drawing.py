"""The load of a container in three dimensions, as a pure function from blocks and ready-made words to a figure.

One mesh for each owner and one line for all edges: hundreds of packages stay a handful of objects for the browser.
Lengths are drawn in metres: x from the front wall to the door, y across, z up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from consortium.documents.step_pictures import Box
from consortium.member_looks import Look
from consortium.views_loads import LoadView

EDGES, OUTLINE = "#2b2b2b", "#7c8790"
DOOR, NEW, BALANCE = "#d55e00", "#d6006c", "#0b8a5f"
"""Strong colours that no owner's look has: the door, what the step at hand loads, the centre of gravity."""

TEXT = {"light": ("#9a4300", "#4a5f66"), "dark": ("#ff9d5c", "#a9bcc1")}
"""Colours of the words at the door and at the front wall, to be read on the page of each theme."""

BAND_PERMILLE = 50
"""The centre of gravity should lie within this distance of the middle, along and across (CTU Code, annex 7, 3.1.4)."""

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float)
FACES = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))
TRIANGLES = np.array([half for a, b, c, d in FACES for half in ((a, b, c), (a, c, d))])
ALONG_THE_EDGES = ([0, 1, 2, 3, 0, 4, 5, 6, 7, 4], [1, 5], [2, 6], [3, 7])
"""Paths from corner to corner that draw each of the twelve edges once."""

AROUND = ([0, 3, 7, 4, 0], [0, 1, 5, 4, 0], [0, 1, 2, 3, 0])
"""Paths around a box, across each axis."""

CM_PER_M, MM_PER_M = 100, 1000
LIGHT = {"ambient": 0.72, "diffuse": 0.45, "specular": 0.03, "roughness": 0.9, "fresnel": 0.05}
HEIGHT_PX, PHONE_PX = 540, 290
"""Heights at which a forty-foot container is as wide as a page, and as a phone."""

EYE = {"x": 0.62, "y": -0.82, "z": 0.56}
"""The viewer stands outside the left wall, towards the door, and looks down: as on the stuffing sheet."""

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneWords:
    """What is written into the scene."""

    door: str
    front: str
    new: str
    centre: str
    band: str


def build_load(
    view: LoadView,
    boxes: Sequence[tuple[Box, str]],
    words: SceneWords,
    *,
    new: Box | None = None,
    height_px: int = HEIGHT_PX,
    theme: str = "light",
) -> go.Figure:
    """Return the container with what stands in it and its door; once all is in, also where it is centred and should be.

    Parameters
    ----------
    boxes
        Blocks of equal packages that are loaded already, each with the words that appear when it is pointed at.
    new
        The block to set off from the others, which is among them; None: all is in.
    height_px
        Height of the picture; the scale of the drawing goes with it, whatever the width.
    theme
        ``light`` or ``dark``: what the words of the scene are written on.
    """
    figure = go.Figure()
    for one in dict.fromkeys(box.look for box, _ in boxes):
        figure.add_trace(_mesh([(box, text) for box, text in boxes if box.look == one], one))
    figure.add_trace(_lines([path for box, _ in boxes for path in _package_lines(box)], EDGES, 1))
    figure.add_trace(_lines([path for box, _ in boxes for path in _edges(_corners([box])[0])], EDGES, 4))
    _add_room(figure, view, words, theme)
    if new is not None:
        figure.add_trace(_lines(_edges(_corners([new])[0]), NEW, 7, words.new))
    elif view.centre_of_gravity_permille is not None:
        _add_balance(figure, view, view.centre_of_gravity_permille, words)
    return _style(figure, view, height_px)


def _corners(boxes: Sequence[Box]) -> Points:
    """Return the corners of boxes in metres, shape (boxes, 8, 3)."""
    low, high = (np.array([getattr(one, end) for one in boxes]).reshape(-1, 1, 3) for end in ("low", "high"))
    corners: Points = (low + (high - low) * CORNERS) / CM_PER_M
    return corners


def _mesh(held: Sequence[tuple[Box, str]], one: Look) -> go.Mesh3d:
    points = _corners([box for box, _ in held]).reshape(-1, 3)
    triangles = (TRIANGLES + 8 * np.arange(len(held)).reshape(-1, 1, 1)).reshape(-1, 3)
    return go.Mesh3d(
        **_xyz(points),
        **{axis: triangles[:, index].astype(np.int32) for index, axis in enumerate("ijk")},
        color=one.colour,
        flatshading=True,
        lighting=LIGHT,
        hoverinfo="text",
        hovertext=[text for _, text in held for _ in range(8)],
    )


def _edges(corners: Points) -> list[Points]:
    """Return the twelve edges of a box with these corners as lines."""
    return [corners[path] for path in ALONG_THE_EDGES]


def _package_lines(box: Box) -> Iterator[Points]:
    """Yield lines around a block where one of its packages ends and the next begins."""
    low, high = np.array(box.low) / CM_PER_M, np.array(box.high) / CM_PER_M
    for axis, count in enumerate(box.counts):
        ring = low + (high - low) * CORNERS[AROUND[axis]]
        for index in range(1, count):
            ring[:, axis] = low[axis] + (high[axis] - low[axis]) * index / count
            yield ring.copy()


def _lines(paths: Sequence[Points], colour: str, width: float, name: str = "") -> go.Scatter3d:
    gap = np.full((1, 3), np.nan)
    joined = [part for path in paths for part in (path, gap)]
    return go.Scatter3d(
        **_xyz(np.concatenate(joined) if joined else gap),
        mode="lines",
        line={"color": colour, "width": width},
        hoverinfo="skip",
        name=name,
        showlegend=bool(name),
    )


def _xyz(points: Points) -> dict[str, NDArray[np.float32]]:
    return {axis: points[:, index].astype(np.float32) for index, axis in enumerate("xyz")}


def _add_room(figure: go.Figure, view: LoadView, words: SceneWords, theme: str) -> None:
    """Draw floor, outline and the opening of the door, and say which end is which."""
    length, width, height = inside = np.array([view.length_mm, view.width_mm, view.height_mm]) / MM_PER_M
    corners = CORNERS * inside
    figure.add_trace(_lines(_edges(corners), OUTLINE, 3))
    figure.add_mesh3d(**_xyz(corners[:4]), i=[0, 0], j=[1, 2], k=[2, 3], color=OUTLINE, opacity=0.2, hoverinfo="skip")
    side, top = (width - view.door_width_mm / MM_PER_M) / 2, view.door_height_mm / MM_PER_M
    opening = [(side, 0), (side, top), (width - side, top), (width - side, 0), (side, 0)]
    figure.add_trace(_lines([np.array([(length, across, up) for across, up in opening])], DOOR, 6))
    figure.add_scatter3d(
        x=[length, 0],
        y=[width / 2] * 2,
        z=[height * 1.2, height * 1.1],
        mode="text",
        text=[words.door, words.front],
        textfont={"color": TEXT[theme], "size": 14},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_balance(figure: go.Figure, view: LoadView, centre_permille: tuple[int, int, int], words: SceneWords) -> None:
    """Draw a pin from the centre of gravity to the ceiling, where boxes do not hide it, and the band there."""
    length, width, height = (size / MM_PER_M for size in (view.length_mm, view.width_mm, view.height_mm))
    x, y, z = (size * part / 1000 for size, part in zip((length, width, height), centre_permille, strict=True))
    low, high = (500 - BAND_PERMILLE) / 1000, (500 + BAND_PERMILLE) / 1000
    around = [(low, low), (high, low), (high, high), (low, high), (low, low)]
    band = np.array([(length * along, width * across, height) for along, across in around])
    figure.add_trace(_lines([band], BALANCE, 5, words.band))
    figure.add_scatter3d(
        x=[x, x],
        y=[y, y],
        z=[z, height],
        mode="lines+markers",
        line={"color": BALANCE, "width": 5},
        marker={"color": BALANCE, "size": [5, 7], "symbol": ["circle", "diamond"]},
        hoverinfo="text",
        hovertext=words.centre,
        name=words.centre,
        showlegend=True,
    )


def _style(figure: go.Figure, view: LoadView, height_px: int) -> go.Figure:
    hidden = {"visible": False, "showspikes": False}
    figure.update_layout(
        height=height_px,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "yanchor": "top", "y": 0.0, "xanchor": "left", "x": 0, "itemclick": False},
        paper_bgcolor="rgba(0,0,0,0)",
        uirevision=view.container_id,
        scene={
            "aspectmode": "data",
            "dragmode": "turntable",
            "camera": {"projection": {"type": "orthographic"}, "eye": EYE, "center": {"x": 0, "y": 0, "z": -0.05}},
            "xaxis": hidden,
            "yaxis": hidden,
            "zaxis": hidden,
            "bgcolor": "rgba(0,0,0,0)",
        },
    )
    return figure
