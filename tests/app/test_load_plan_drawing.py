"""Drawings of a load are pure: blocks go in, meshes and rectangles with the same sizes come out."""

import re
from base64 import b64decode
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.load_plan_drawing import DOOR, NEW, SceneWords, build_load
from app.load_plan_pictures import Sight, draw, layers, legend
from consortium.documents.step_pictures import Box
from consortium.member_looks import NEUTRAL, look
from consortium.views_loads import LoadView

WORDS = SceneWords(door="Door", front="Front wall", new="Step 2", centre="Centre", band="Middle")


def view(**changes) -> LoadView:
    values = {
        "container_id": "K-1", "container_type": "22G1", "length_mm": 6000, "width_mm": 2400, "height_mm": 2400,
        "top_mm": 2400, "door_width_mm": 2300, "door_height_mm": 2300, "tare_g": None, "payload_g": 1, "departure": "S",
        "origin": "A", "destination": "B", "carrier": "", "departs": date(2027, 1, 1), "support": "full", "places": (),
        "has_load_plan": True, "is_whole": True, "fill_permille": 10, "cargo_mass_g": 1,
        "centre_of_gravity_permille": (480, 500, 200), "balance": None, "verdict": (),
    }  # fmt: skip
    return LoadView(**(values | changes))


def box(low, size, counts=(1, 1, 1), owner=0, number="1") -> Box:
    high = tuple(a + b for a, b in zip(low, size, strict=True))
    return Box(tuple(map(float, low)), tuple(map(float, high)), counts, look(owner), number)


ONE = box((0, 0, 0), (120, 80, 100), (3, 2, 1))
TOP = box((0, 0, 100), (120, 80, 50), owner=1, number="2")
BESIDE = box((120, 0, 0), (60, 80, 100), owner=0, number="3")


def meshes(figure):
    return [trace for trace in figure.data if trace.type == "mesh3d" and trace.hovertext is not None]


def test_one_mesh_for_each_look_with_twelve_triangles_for_each_block():
    figure = build_load(view(), [(ONE, "a"), (TOP, "b"), (BESIDE, "c")], WORDS)
    first, second = meshes(figure)
    assert (len(first.i), len(second.i)) == (24, 12)
    assert (len(first.x), list(first.hovertext)) == (16, ["a"] * 8 + ["c"] * 8)
    assert (first.color, second.color) == (look(0).colour, look(1).colour)
    assert first.flatshading


def area_and_volume(mesh) -> tuple[float, float]:
    """Return the surface and the signed volume that the triangles of a mesh enclose."""
    points = np.stack([mesh.x, mesh.y, mesh.z], axis=1).astype(float)
    a, b, c = (points[np.asarray(each)] for each in (mesh.i, mesh.j, mesh.k))
    across = np.cross(b - a, c - a)
    return float(np.linalg.norm(across, axis=1).sum() / 2), float((a * across).sum() / 6)


sizes = st.tuples(*[st.integers(1, 200)] * 3)


@settings(deadline=None, max_examples=25)
@given(sizes, sizes)
def test_triangles_close_the_surface_of_the_block_and_all_face_outwards(low, size):
    area, volume = area_and_volume(meshes(build_load(view(), [(box(low, size), "")], WORDS))[0])
    x, y, z = (each / 100 for each in size)
    assert area == pytest.approx(2 * (x * y + y * z + z * x), rel=1e-3)
    assert volume == pytest.approx(x * y * z, rel=1e-2, abs=1e-6)


def lines_of(figure, colour):
    return [trace for trace in figure.data if trace.type == "scatter3d" and trace.line.color == colour]


def test_the_new_block_is_outlined_and_the_balance_shown_only_when_all_is_in():
    whole = build_load(view(), [(ONE, "")], WORDS)
    step = build_load(view(), [(ONE, ""), (TOP, "")], WORDS, new=TOP)
    assert not lines_of(whole, NEW)
    assert {trace.name for trace in whole.data if trace.showlegend} == {"Centre", "Middle"}
    assert {trace.name for trace in step.data if trace.showlegend} == {"Step 2"}
    (outline,) = lines_of(step, NEW)
    assert (np.nanmin(outline.z), np.nanmax(outline.z)) == (1.0, 1.5)


def test_who_may_not_know_the_centre_of_gravity_does_not_find_it_in_the_figure():
    figure = build_load(view(centre_of_gravity_permille=None, is_whole=False), [(ONE, "")], WORDS)
    assert not [trace for trace in figure.data if trace.showlegend]
    assert "Centre" not in figure.to_json()


def test_the_door_has_the_size_of_its_opening():
    (door,) = lines_of(build_load(view(), [], WORDS), DOOR)
    assert set(door.x[:-1]) == {6.0}
    assert np.nanmax(door.y) - np.nanmin(door.y) == pytest.approx(2.3)
    assert np.nanmax(door.z) == pytest.approx(2.3)


def test_the_camera_is_orthographic_stays_and_shows_true_proportions():
    layout = build_load(view(), [], WORDS).layout
    assert layout.scene.camera.projection.type == "orthographic"
    assert (layout.scene.aspectmode, layout.uirevision) == ("data", "K-1")


def test_three_hundred_packages_in_a_hundred_blocks_stay_a_handful_of_traces():
    boxes = [(box((x * 20, y * 20, 0), (20, 20, 20), (3, 1, 1), owner=x % 4), "") for x in range(10) for y in range(10)]
    assert len(build_load(view(), boxes, WORDS).data) < 20


def svg_of(html: str) -> str:
    found = re.search(r"base64,([^\"]+)", html)
    assert found is not None
    return b64decode(found[1]).decode()


def test_a_picture_names_itself_and_bears_numbers_and_patterns():
    html = draw(view(), [ONE, TOP], Sight.ABOVE, 'From "above"')
    svg = svg_of(html)
    assert 'alt="From &quot;above&quot;"' in html
    assert f"url(#{look(0).pattern})" in svg
    assert svg.index(">1</text>") < svg.index(">2</text>")  # what is on top is drawn last


def test_from_above_the_left_wall_is_below_and_from_the_side_the_floor():
    low = box((0, 0, 0), (100, 40, 30))
    assert 'x="0.0" y="200.0" width="100.0" height="40.0"' in svg_of(draw(view(), [low], Sight.ABOVE, "n"))
    assert 'x="0.0" y="210.0" width="100.0" height="30.0"' in svg_of(draw(view(), [low], Sight.SIDE, "n"))


def test_a_neutral_block_bears_no_number_and_no_pattern():
    other = Box((0.0, 0.0, 0.0), (120.0, 80.0, 100.0), (3, 2, 1), NEUTRAL, "")
    svg = svg_of(draw(view(), [other], Sight.ABOVE, "n"))
    assert NEUTRAL.colour in svg
    assert "<text" not in svg
    assert "url(" not in svg


def test_layers_count_what_stands_below():
    assert layers([TOP, BESIDE, ONE]) == [[BESIDE, ONE], [TOP]]
    assert layers([]) == []


def test_a_legend_is_made_harmless():
    assert "<b>" not in legend({look(0): "<b>Firm</b>"})
