"""Figures of cost shares: the way from cost alone to the payment, and dots that compare rules or changes.

Colours are those of `app.charts`; every series has a symbol of its own, and signs stand beside the steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import plotly.graph_objects as go

from app.charts import BLUE, GREEN, GREY, LONGEST_LINE, ORANGE, PURPLE, SKY, VERMILION

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY)
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
MOST_SERIES = len(COLOURS)
"""Series that can be told apart in one figure."""

STEP_PX, ROW_PX, LEGEND_ROW_PX = 40, 46, 22
"""Height of a step, of a row of dots, and of one row of the legend, which a phone breaks series by series."""

ROOM = 1.6
"""Length of the axis in lengths of its longest bar: the words stand beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayStep:
    """One step: its words, what it adds; `is_total` where it stands for all steps before it."""

    name: str
    value: float
    text: str
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """One series of dots: a value for each row (None: no dot) and its words."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]


def build_waterfall(steps: Sequence[WayStep]) -> go.Figure:
    """Return a waterfall with one row a step: what adds goes right, what saves goes left, totals begin at zero.

    The words stand right of each bar; left of it they would lie on the names where a phone leaves little room.
    """
    names = ["<br>".join(wrap(step.name, LONGEST_LINE, max_lines=2, placeholder=" …")) for step in steps]
    rows = list(range(len(steps)))  # names may repeat once they are cut: rows are told apart by number
    ends, level = [], 0.0
    for step in steps:
        before, level = level, step.value if step.is_total else level + step.value
        ends.append(level if step.is_total else max(before, level))
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=rows,
            x=[step.value for step in steps],
            measure=["absolute" if step.is_total else "relative" for step in steps],
            customdata=[[step.name, step.text] for step in steps],
            hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
            totals={"marker": {"color": BLUE}},
            increasing={"marker": {"color": ORANGE}},
            decreasing={"marker": {"color": GREEN}},
            connector={"line": {"color": GREY, "width": 1, "dash": "dot"}},
        )
    )
    figure.add_scatter(
        mode="text",
        x=ends,
        y=rows,
        text=["\u2002" + step.text for step in steps],
        textposition=" ".join(("middle", "right")),
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_yaxes(autorange="reversed", tickvals=rows, ticktext=names)
    figure.update_xaxes(range=[min([0.0, *ends]), (max(ends, default=0) or 1) * ROOM], showticklabels=False)
    return _laid_out(figure, 50 + STEP_PX * len(steps), legend=False)


def build_dot_plot(
    rows: Sequence[str], series: Sequence[Dots], *, line_at: float, ticks: Sequence[tuple[float, str]]
) -> go.Figure:
    """Return dots by row, with a line to compare with.

    Parameters
    ----------
    rows
        Names of the rows, first at the top.
    series
        At most `MOST_SERIES`; each has a colour and a symbol of its own.
    line_at
        Where the line stands.
    ticks
        Values of the axis with their words.
    """
    figure = go.Figure()
    for place, each in enumerate(series):
        figure.add_scatter(
            mode="markers",
            name=each.name,
            x=list(each.values),
            y=list(rows),
            customdata=list(each.texts),
            hovertemplate="%{y}, " + each.name + ": %{customdata}<extra></extra>",
            marker={
                "symbol": SYMBOLS[place % MOST_SERIES],
                "color": COLOURS[place % MOST_SERIES],
                "size": 12,
                "line": {"width": 1, "color": "white"},
            },
        )
    figure.add_vline(x=line_at, layer="below", line={"dash": "dot", "color": GREY, "width": 2})
    figure.update_yaxes(autorange="reversed", type="category", categoryorder="array", categoryarray=list(rows))
    known = [value for each in series for value in each.values if value is not None]
    low, high = min([line_at, *known], default=line_at), max([line_at, *known], default=line_at)
    margin = (high - low or 1) * 0.08
    figure.update_xaxes(
        range=[low - margin, high + margin],
        tickvals=[value for value, _words in ticks],
        ticktext=[words for _value, words in ticks],
        tickangle=0,
    )
    figure.update_layout(scattermode="group", scattergap=0.4)
    return _laid_out(figure, 70 + LEGEND_ROW_PX * len(series) + ROW_PX * len(rows), legend=True)


def _laid_out(figure: go.Figure, height: int, *, legend: bool) -> go.Figure:
    figure.update_layout(
        height=max(150, height),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0, "title": None},
        hovermode="closest",
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure
