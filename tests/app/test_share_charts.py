"""Figures of cost shares say every step and every dot that they are given."""

import pytest

from app.share_charts import COLOURS, MOST_SERIES, SYMBOLS, Dots, WayStep, build_dot_plot, build_waterfall

WAY = [
    WayStep(name="Alone", value=100, text="USD 100", is_total=True),
    WayStep(name="Transporte terrestre del almacén al puerto de origen", value=-30, text="−USD 30"),
    WayStep(name="Ocean freight", value=5, text="+USD 5"),
    WayStep(name="To pay", value=75, text="USD 75", is_total=True),
]


def test_a_waterfall_has_a_row_for_each_step_and_its_words_right_of_the_bar():
    bars, words = build_waterfall(WAY).data
    assert list(bars.measure) == ["absolute", "relative", "relative", "absolute"]
    assert list(bars.x) == [100, -30, 5, 75]
    assert [text.strip() for text in words.text] == ["USD 100", "−USD 30", "+USD 5", "USD 75"]
    assert list(words.x) == [100, 100, 75, 75]


def test_long_names_take_two_lines_at_most_and_stay_whole_for_who_points_at_them():
    figure = build_waterfall(WAY)
    names = figure.layout.yaxis.ticktext
    assert names[1] == "Transporte<br>terrestre del …"
    assert figure.data[0].customdata[1][0] == WAY[1].name


def test_a_way_that_ends_below_zero_stays_in_sight():
    paid = [
        WayStep(name="a", value=10, text="10", is_total=True),
        WayStep(name="b", value=-5, text="-5", is_total=True),
    ]
    assert build_waterfall(paid).layout.xaxis.range[0] == -5
    assert build_waterfall([]).layout.xaxis.range == (0, 1.6)


def test_every_series_of_dots_has_a_colour_and_a_symbol_of_its_own():
    assert len(set(COLOURS)) == len(set(SYMBOLS)) == MOST_SERIES
    series = [Dots(name=f"rule {n}", values=[90.0 + n, None], texts=["x", "–"]) for n in range(MOST_SERIES)]
    figure = build_dot_plot(["A", "B"], series, line_at=100.0, ticks=[(100.0, "100 %")])
    looks = {(trace.marker.color, trace.marker.symbol) for trace in figure.data}
    assert len(looks) == MOST_SERIES
    assert list(figure.data[0].x) == [90.0, None]
    assert list(figure.layout.yaxis.categoryarray) == ["A", "B"]
    assert list(figure.layout.xaxis.ticktext) == ["100 %"]


@pytest.mark.parametrize("values", [[], [100.0], [80.0, 130.0]])
def test_the_line_and_all_dots_are_in_sight(values):
    rows = [f"M{n}" for n in range(len(values))]
    figure = build_dot_plot(rows, [Dots(name="a", values=values, texts=rows)], line_at=100.0, ticks=[])
    low, high = figure.layout.xaxis.range
    assert low < min([100.0, *values])
    assert high > max([100.0, *values])
