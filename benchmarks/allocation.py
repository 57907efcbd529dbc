"""Times of Shapley and nucleolus, the cost table given, beside coopgame-py and coopgt in the same run on one core.

    python -m benchmarks.allocation [--players 8,12,16,20] [--repeat 5] [--json FILE]

Peers are measured where they are installed (dependency group `bench`). Games: whole containers with a charge for
volume, whole containers alone, an airport, random costs. Every answer of a peer is compared with ours.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.allocation.exact import subset_sums
from optimizer.allocation.nucleolus import nucleolus
from optimizer.allocation.shapley import shapley
from optimizer.cost_game import CostGame

MOST_FOR_ORDERS = 8
"""Players up to which a peer is measured that goes through all n! orders."""

Table = NDArray[np.int64]


class Measured(NamedTuple):
    """Seconds of one library on one game, and the largest difference from our shares relative to c(N)."""

    game: str
    players: int
    rule: str
    library: str
    seconds: float
    off: float


def games(players: int) -> Iterator[tuple[str, Table]]:
    """Yield named cost tables of so many players."""
    draw = np.random.default_rng(players)
    volumes = subset_sums(draw.integers(1, 20, players))
    full = -(-volumes // 33)
    yield "containers and volume", 200 * (volumes > 0) + 1000 * full + 50 * volumes
    yield "containers", 1000 * full
    needs = draw.integers(1, 1000, players)
    largest = np.zeros(1, dtype=np.int64)
    for need in needs:
        largest = np.concatenate((largest, np.maximum(largest, need)))
    yield "airport", largest
    sizes = subset_sums(np.ones(players, dtype=np.int64))
    random = 100 * sizes + draw.integers(0, 100, 1 << players)
    random[0] = 0
    yield "random", random


def ours(table: Table, rule: Callable[[CostGame], Any]) -> list[float]:
    game = CostGame(players=tuple(f"P{index}" for index in range(int(table.size).bit_length() - 1)), upper=table)
    found = rule(game)
    if found.status.value != "exact":
        raise RuntimeError(f"expected exact shares, found {found.status.value} {found.reason}")
    return [float(share) for share in found.shares.values()]


def peers(table: Table) -> Iterator[tuple[str, str, Callable[[], list[float]]]]:
    """Yield (rule, library, call) of the peers that are installed; their games are made beforehand."""
    players = int(table.size).bit_length() - 1
    try:
        import coopgame

        gains = coopgame.Game((-table[1:].astype(np.float64)).tolist())
        yield "shapley", "coopgame-py", lambda: [-share for share in coopgame.shapley(gains)]
        yield "nucleolus", "coopgame-py", lambda: [-share for share in coopgame.nucleolus(gains)["allocation"]]
    except ImportError:
        pass
    try:
        from coopgt.shapley_value import calculate

        if players <= MOST_FOR_ORDERS:
            values = {
                tuple(bit + 1 for bit in range(players) if mask >> bit & 1): float(cost)
                for mask, cost in enumerate(table.tolist())
            }
            yield "shapley", "coopgt", lambda: list(map(float, calculate(values)))
    except ImportError:
        pass


def measure(call: Callable[[], list[float]], repeat: int) -> tuple[float, list[float]]:
    """Return the least seconds of some calls, and the last answer."""
    seconds, answer = [], []
    for _ in range(repeat):
        start = time.perf_counter()
        answer = call()
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > 20:
            break
    return min(seconds), answer


def run(sizes: list[int], repeat: int) -> list[Measured]:
    found = []
    for players in sizes:
        for name, table in games(players):
            own: dict[str, list[float]] = {}
            for rule, function in (("shapley", shapley), ("nucleolus", nucleolus)):
                seconds, own[rule] = measure(partial(ours, table, function), repeat)
                found.append(Measured(name, players, rule, "ours", seconds, 0.0))
            for rule, library, call in peers(table):
                seconds, answer = measure(call, repeat)
                off = max(abs(a - b) for a, b in zip(answer, own[rule], strict=True)) / float(table[-1])
                found.append(Measured(name, players, rule, library, seconds, off))
    return found


def lines(found: list[Measured]) -> Iterator[str]:
    yield "| players | rule | library | median s | largest s | ours faster by (median) | largest difference |"
    yield "|---:|---|---|---:|---:|---:|---:|"
    groups: dict[tuple[int, str, str], list[Measured]] = {}
    for one in found:
        groups.setdefault((one.players, one.rule, one.library), []).append(one)
    for (players, rule, library), some in sorted(groups.items()):
        base = {one.game: one.seconds for one in groups[players, rule, "ours"]}
        ratio = statistics.median(one.seconds / base[one.game] for one in some)
        median, most = statistics.median(one.seconds for one in some), max(one.seconds for one in some)
        off = max(one.off for one in some)
        yield f"| {players} | {rule} | {library} | {median:.4f} | {most:.4f} | {ratio:.1f} | {off:.0e} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", default="8,12,16,20")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = run([int(one) for one in asked.players.split(",")], asked.repeat)
    print(f"{platform.python_version()}, numpy {np.__version__}, one core, least of {asked.repeat} calls each")
    print("\n".join(lines(found)))
    if asked.json:
        asked.json.write_text(json.dumps([one._asdict() for one in found], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
