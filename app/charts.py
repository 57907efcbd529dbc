"""Figures, as pure functions from small tables of numbers and ready-made words.

Colours are those of Okabe and Ito, told apart by people with any colour vision; patterns say the same
a second time. Figures carry no background, so that they follow the light or the dark theme.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap

import plotly.graph_objects as go

BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
GREY = "#6B7280"
ROW_PX = 44
"""Height of one bar with its air."""

THIN_ROW_PX = 26
"""The same where there are many."""

LONGEST_LINE = 18
"""Characters of a name on one line beside its bar."""

ROOM_FOR_AMOUNTS, ROOM_FOR_RATES = 1.55, 1.2
"""Length of the axis in lengths of its longest bar: on a phone the words beside it take half of that length again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One named amount: its length, the words beside it, whether it is the one to look at."""

    name: str
    value: float
    text: str
    highlighted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One colour of a grouped bar chart: a value and its words for each row."""

    name: str
    values: Sequence[float]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One row of a timeline: from, to, with moments marked on it."""

    name: str
    start: date
    end: date
    group: str
    text: str = ""
    marks: Sequence[tuple[date, str]] = ()


def _marker(colour: object, shape: object) -> dict[str, object]:
    """Return a filled bar with a light pattern on it."""
    pattern = {
        "shape": shape,
        "fillmode": "overlay",
        "fgcolor": "white",
        "fgopacity": 0.35,
        "size": 6,
        "solidity": 0.25,
    }
    return {"color": colour, "pattern": pattern}


def _style(figure: go.Figure, rows: int, separators: str, *, legend: bool, row_px: int = ROW_PX) -> go.Figure:
    figure.update_layout(
        height=max(150, rows * row_px + (110 if legend else 50)),
        margin={"l": 8, "r": 8, "t": 36 if legend else 8, "b": 8},
        separators=separators,
        showlegend=legend,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0, "title": None},
        bargap=0.3,
        hovermode="closest",
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure


def _make_room(figure: go.Figure, longest: float, room: float) -> None:
    """Begin at zero and leave room beside the longest bar for its words; inside, they would lie on its pattern."""
    figure.update_xaxes(range=[0, (longest or 1) * room], showticklabels=False)


def build_cost_bars(bars: Sequence[Bar], *, separators: str = ",.") -> go.Figure:
    """Return horizontal bars of costs, one a row, the highlighted one in another colour and pattern."""
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=["<br>".join(wrap(bar.name, LONGEST_LINE)) for bar in bars],
            x=[bar.value for bar in bars],
            text=[bar.text for bar in bars],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
            marker=_marker(
                [BLUE if bar.highlighted else GREY for bar in bars], ["" if bar.highlighted else "/" for bar in bars]
            ),
        )
    )
    figure.update_yaxes(autorange="reversed")
    _make_room(figure, max((bar.value for bar in bars), default=0), ROOM_FOR_AMOUNTS)
    return _style(figure, len(bars), separators, legend=False)


def build_grouped_bars(
    names: Sequence[str], series: Sequence[Series], *, limit: float | None = None, separators: str = ",."
) -> go.Figure:
    """Return horizontal bars side by side for each name, and a line at a limit when there is one."""
    colours, patterns = (GREY, BLUE, ORANGE, GREEN), ("/", "", "", "x")
    figure = go.Figure()
    for index, each in enumerate(series):
        figure.add_bar(
            orientation="h",
            name=each.name,
            y=list(names),
            x=list(each.values),
            text=list(each.texts),
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}, " + each.name + ": %{text}<extra></extra>",
            marker=_marker(colours[index % 4], patterns[index % 4]),
        )
    figure.update_layout(barmode="group")
    figure.update_yaxes(autorange="reversed")
    longest = max((value for each in series for value in each.values), default=0)
    if limit is None:
        _make_room(figure, longest, ROOM_FOR_AMOUNTS)
    else:
        figure.add_vline(x=limit, layer="below", line={"dash": "dot", "color": VERMILION, "width": 1})
        _make_room(figure, max(limit, longest), ROOM_FOR_RATES)
    return _style(figure, len(names) * max(1, len(series)), separators, legend=len(series) > 1, row_px=THIN_ROW_PX)


def build_timeline(
    spans: Sequence[Span], groups: Sequence[tuple[str, str]], ticks: Sequence[tuple[date, str]]
) -> go.Figure:
    """Return a timeline: one bar a row from start to end, coloured by group, with marked moments.

    Parameters
    ----------
    spans
        Rows, first at the top.
    groups
        Key and name of each group, in the order of the legend.
    ticks
        Dates of the axis with their words.
    """
    colours, patterns = (BLUE, ORANGE, GREEN, PURPLE), ("", "/", ".", "x")
    figure = go.Figure()
    for index, (key, name) in enumerate(groups):
        rows = [span for span in spans if span.group == key]
        if not rows:
            continue
        figure.add_bar(
            orientation="h",
            name=name,
            y=[span.name for span in rows],
            base=[span.start.isoformat() for span in rows],
            x=[max((span.end - span.start).days, 1) * 86_400_000 for span in rows],
            customdata=[span.text for span in rows],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
            marker=_marker(colours[index % 4], patterns[index % 4]),
        )
    marked = [(span.name, when, words) for span in spans for when, words in span.marks]
    if marked:
        figure.add_scatter(
            mode="markers",
            showlegend=False,
            y=[name for name, _when, _words in marked],
            x=[when.isoformat() for _name, when, _words in marked],
            customdata=[words for _name, _when, words in marked],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
            marker={"symbol": "diamond", "size": 10, "color": VERMILION, "line": {"width": 1, "color": "white"}},
        )
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(categoryorder="array", categoryarray=[span.name for span in spans], autorange="reversed")
    figure.update_xaxes(
        type="date",
        tickvals=[when.isoformat() for when, _words in ticks],
        ticktext=[words for _when, words in ticks],
        tickangle=0,
    )
    return _style(figure, len({span.name for span in spans}), ",.", legend=True, row_px=THIN_ROW_PX)
