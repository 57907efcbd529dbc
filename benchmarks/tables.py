"""Tables of benchmark results as Markdown and CSV, and a plot of cost ratios as SVG."""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.solving import Outcome

COLOURS = {"engine": "#1b6ca8", "first-fit": "#b0b0b0", "cp-sat": "#e08e0b", "scip": "#7a4fa3"}


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table, each row as soon as it is known."""
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" for _ in header) + " |", flush=True)
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def money(amount_minor: int | None) -> str:
    """Return minor units with two decimals, or a dash."""
    return "-" if amount_minor is None else f"{amount_minor / 100:,.2f}"


def decimals(number: float | None, digits: int = 2) -> str:
    """Return a number with fixed decimals, or a dash."""
    return "-" if number is None else f"{number:.{digits}f}"


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def plot_ratios(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Draw for each instance and method how many times the engine's cost its plan costs, with its bound.

    Costs and bounds are divided by the engine's cost at the longest limit. A method without a plan has a cross.
    """
    names = list(dict.fromkeys(one.instance for one in outcomes))
    series = list(dict.fromkeys((one.method, one.limit_s) for one in outcomes))
    best = {name: _engine_cost(outcomes, name) for name in names}
    left, top, step, high = 70, 40, 14, 300
    group = step * (len(series) + 1)
    width = left + group * len(names) + 220
    ratios = [one.cost_minor / best[one.instance] for one in outcomes if one.cost_minor and best[one.instance]]
    ceiling = min(2.0, max([1.2, *ratios]) * 1.02)

    def y(ratio: float) -> float:
        return top + high * (1 - max(0.0, min(ratio, ceiling)) / ceiling)

    parts = [
        f'<text x="{left}" y="20" font-size="14">Cost (bar) and bound (tick), engine at its longest limit = 1</text>'
    ]
    for mark in range(int(ceiling * 5) + 1):
        ratio = mark / 5
        parts.append(f'<line x1="{left}" x2="{width - 200}" y1="{y(ratio):.1f}" y2="{y(ratio):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y(ratio) + 4:.1f}" text-anchor="end" font-size="11">{ratio:.1f}</text>')
    for one in outcomes:
        at = left + group * names.index(one.instance) + step * series.index((one.method, one.limit_s)) + 6
        parts += _mark(one, at, step, best[one.instance], _shade(series, one.method, one.limit_s), y)
    for index, name in enumerate(names):
        middle = left + group * index + group / 2
        parts.append(
            f'<text x="{middle:.0f}" y="{top + high + 18}" text-anchor="middle" font-size="11">{escape(name)}</text>'
        )
    for index, (method, limit_s) in enumerate(series):
        row = top + 18 * index
        label = escape(f"{method}, {limit_s:g} s")
        parts.append(
            f'<rect x="{width - 190}" y="{row}" width="12" height="12" fill="{COLOURS.get(method, "#444")}" '
            f'opacity="{_shade(series, method, limit_s)}"/>'
            f'<text x="{width - 172}" y="{row + 10}" font-size="12">{label}</text>'
        )
    body = "\n".join(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top + high + 40}" font-family="sans-serif">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


def _engine_cost(outcomes: Sequence[Outcome], name: str) -> int | None:
    found = [one for one in outcomes if one.instance == name and one.method == "engine" and one.cost_minor]
    return max(found, key=lambda one: one.limit_s).cost_minor if found else None


def _shade(series: Sequence[tuple[str, float]], method: str, limit_s: float) -> float:
    limits = sorted(limit for one, limit in series if one == method)
    return 1.0 if limit_s == limits[-1] else 0.55


def _mark(
    one: Outcome, at: float, width: int, best: int | None, opacity: float, y: Callable[[float], float]
) -> list[str]:
    """Return the bar of the cost and the tick of the bound, or a cross where there is no plan."""
    if one.cost_minor is None or not best:
        return [f'<text x="{at}" y="{y(0) - 4:.1f}" font-size="12" fill="#c00">×</text>']
    cost = one.cost_minor / best
    bar = (
        f'<rect x="{at}" y="{y(cost):.1f}" width="{width - 3}" height="{y(0) - y(cost):.1f}" '
        f'fill="{COLOURS.get(one.method, "#444")}" opacity="{opacity}"/>'
    )
    if not one.bound_minor:
        return [bar]
    bound = y(one.bound_minor / best)
    return [
        bar,
        f'<line x1="{at - 1}" x2="{at + width - 2}" y1="{bound:.1f}" y2="{bound:.1f}" stroke="#111" stroke-width="2"/>',
    ]
