"""Charts are pure: the same table gives the same figure, with every word and number that it was given."""

import datetime as dt

import pytest

from app.charts import BLUE, Bar, Series, Span, build_cost_bars, build_grouped_bars, build_timeline


def test_the_highlighted_cost_has_another_colour_and_no_hatching():
    figure = build_cost_bars(
        [Bar(name="Together", value=3, text="USD 3", highlighted=True), Bar(name="Alone", value=5, text="USD 5")]
    )
    marker = figure.data[0].marker
    assert marker.color[0] == BLUE
    assert marker.color[0] != marker.color[1]
    assert list(marker.pattern.shape) == ["", "/"]
    assert list(figure.data[0].text) == ["USD 3", "USD 5"]


def test_costs_begin_at_zero_so_that_lengths_can_be_compared():
    figure = build_cost_bars([Bar(name="a", value=9, text="9")])
    assert figure.layout.xaxis.range[0] == 0


def test_a_long_name_goes_on_a_second_line_so_that_a_phone_has_room_for_the_bars():
    figure = build_cost_bars([Bar(name="Tudo como carga fracionada (LCL)", value=9, text="9")])
    assert list(figure.data[0].y) == ["Tudo como carga<br>fracionada (LCL)"]


def test_the_words_of_a_bar_stand_beside_it_with_room_for_them():
    for figure in (
        build_cost_bars([Bar(name="a", value=9, text="USD 9"), Bar(name="b", value=10, text="USD 10")]),
        build_grouped_bars(["a"], [Series(name="Share", values=[10.0], texts=["USD 10"])]),
        build_grouped_bars([], []),
    ):
        assert all(trace.textposition == "outside" for trace in figure.data)
        assert figure.layout.xaxis.range[1] >= (15 if figure.data else 1)


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_a_figure_grows_with_its_rows(rows):
    names = [f"K-{index}" for index in range(rows)]
    series = [Series(name="Volume", values=[50.0] * rows, texts=["50 %"] * rows)]
    low, high = build_grouped_bars(names, series), build_grouped_bars([*names, "one more"] * 2, series)
    assert low.layout.height <= high.layout.height


def test_a_limit_stays_in_sight_when_every_bar_is_shorter():
    figure = build_grouped_bars(["K-1"], [Series(name="Volume", values=[40.0], texts=["40 %"])], limit=100)
    assert figure.layout.xaxis.range[1] > 100
    assert figure.layout.shapes[0].x0 == 100


def test_a_timeline_keeps_the_order_of_its_rows_and_the_words_of_its_axis():
    days = [dt.date(2027, 3, 1), dt.date(2027, 3, 5), dt.date(2027, 4, 1)]
    spans = [
        Span(name="b", start=days[0], end=days[1], group="waits", text="ready, departs"),
        Span(name="a", start=days[1], end=days[2], group="travels"),
    ]
    figure = build_timeline(spans, [("waits", "Waits"), ("travels", "Under way")], [(days[0], "1 mar")])
    assert list(figure.layout.yaxis.categoryarray) == ["b", "a"]
    assert list(figure.layout.xaxis.ticktext) == ["1 mar"]
    assert [trace.name for trace in figure.data] == ["Waits", "Under way"]
    assert figure.data[0].x[0] == 4 * 86_400_000


def test_a_timeline_of_nothing_is_an_empty_figure_not_an_error():
    assert len(build_timeline([], [("waits", "Waits")], []).data) == 0
