"""How often the intervals of estimated Shapley values hold the true ones, on games whose values are known exactly.

    python -m benchmarks.sampling [--seeds 200] [--evaluations 1000,4000] [--games NAME,...]

For each game and number of coalitions: the part of all shares (players times seeds) that lie within 1.96 standard
errors of the true one, the part for the player where it is least, and the median standard error as a part of the share.
Shares known exactly do not count.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from math import comb, isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.allocation.airport import AirportGame, share_airport
from optimizer.allocation.sampling import Aim, CostOracle, SeparateGame, sampled_shapley
from optimizer.allocation.shapley import shapley
from optimizer.cost_game import CostGame

NEVER = Aim(of_share=0.0, of_total=0.0)
"""An aim that only the limits end."""


class KnownGame(NamedTuple):
    """A game and its Shapley value by player."""

    game: SeparateGame
    shapley: tuple[Fraction, ...]


def names(players: int) -> tuple[str, ...]:
    return tuple(f"P{at}" for at in range(players))


def known(cost: CostOracle, values: list[Fraction], **more: Any) -> KnownGame:
    game = SeparateGame(players=names(len(values)), total=sum(values, Fraction(0)), cost=cost, **more)
    return KnownGame(game, tuple(values))


def airport(players: int, seed: int) -> KnownGame:
    """Return a game in which a coalition costs its largest need (Littlechild and Owen 1973)."""
    needs = np.random.default_rng(seed).integers(1, 1000, players)
    asked = AirportGame(needs={name: Fraction(int(one)) for name, one in zip(names(players), needs, strict=True)})
    return known(lambda marks: (marks * needs).max(axis=1), list(share_airport("shapley", asked).shares.values()))


def unanimity(players: int, seed: int) -> KnownGame:
    """Return a sum of games that cost something where certain members are all together: each pays an equal part."""
    draw = np.random.default_rng(seed)
    sets = [draw.choice(players, size=draw.integers(1, 9), replace=False) for _ in range(3 * players)]
    weights = draw.integers(1, 100, len(sets))
    held = np.zeros((len(sets), players), dtype=np.int64)
    values = [Fraction(0)] * players
    for row, (members, weight) in enumerate(zip(sets, weights.tolist(), strict=True)):
        held[row, members] = 1
        for player in members:
            values[player] += Fraction(weight, len(members))
    return known(lambda marks: (marks.astype(np.int64) @ held.T == held.sum(axis=1)) @ weights, values)


def of_volume(players: int, seed: int, price: Callable[[int], int]) -> KnownGame:
    """Return a game in which the volume of all goods together decides the cost.

    The value follows from how many coalitions of each size have each volume, counted exactly.
    """
    volumes = np.random.default_rng(seed).integers(1, 20, players)
    prices = [price(volume) for volume in range(int(volumes.sum()) + 1)]
    counts: NDArray[Any] = np.zeros((players + 1, len(prices)), dtype=object)
    counts[0, 0] = 1
    for volume in volumes.tolist():
        counts[1:, volume:] += counts[:-1, :-volume].copy()
    table = np.array(prices, dtype=object)
    values = []
    for volume in volumes.tolist():
        # Coalitions without the player, from all of them, by size: those with it are these and its own volume.
        without = counts[:-1].copy()
        for size in range(1, players):
            without[size, volume:] -= without[size - 1, :-volume]
        added = table[volume:] - table[:-volume]
        parts = (Fraction(int(row[:-volume] @ added), comb(players - 1, size)) for size, row in enumerate(without))
        values.append(sum(parts, Fraction(0)) / players)
    costs = np.array(prices, dtype=np.int64)
    return known(lambda marks: costs[marks.astype(np.int64) @ volumes], values)


def concave(players: int, seed: int) -> KnownGame:
    return of_volume(players, seed, lambda volume: isqrt(volume * 10**8))


def containers(players: int, seed: int) -> KnownGame:
    return of_volume(players, seed, lambda volume: 300 * (volume > 0) + 1800 * -(-volume // 33) + 20 * volume)


def random(players: int, seed: int) -> KnownGame:
    """Return a game with random costs, its value from the full table."""
    sizes = np.array([mask.bit_count() for mask in range(1 << players)])
    table = 50 * sizes + np.random.default_rng(seed).integers(0, 100, 1 << players)
    table[0] = 0
    bits = 1 << np.arange(players)
    values = list(shapley(CostGame(players=names(players), upper=table)).shares.values())
    return known(lambda marks: table[marks.astype(np.int64) @ bits], values)


GAMES: dict[str, Callable[[int], KnownGame]] = {
    "airport-40": lambda seed: airport(40, seed),
    "airport-100": lambda seed: airport(100, seed),
    "unanimity-60": lambda seed: unanimity(60, seed),
    "concave-25": lambda seed: concave(25, seed),
    "concave-60": lambda seed: concave(60, seed),
    "containers-73": lambda seed: containers(73, seed),
    "random-12": lambda seed: random(12, seed),
}
"""Name -> the game of a seed."""


class Coverage(NamedTuple):
    """How often intervals hold the true shares, and how wide they are."""

    held: float
    least_of_a_player: float
    error: float
    seconds: float


def coverage(
    make: Callable[[int], KnownGame], seeds: range, evaluations: int, *, game_seed: int | None = 7
) -> Coverage:
    """Estimate the shares of a game with each seed (of another game each time where `game_seed` is None)."""
    held, errors, seconds = [], [], []
    one = make(game_seed or 0)
    for seed in seeds:
        if game_seed is None:
            one = make(seed)
        begun = time.perf_counter()
        found = sampled_shapley(
            [one.game], aim=NEVER, most_evaluations=evaluations, time_limit_s=1e9, seed=seed, exact_players=0
        )
        seconds.append(time.perf_counter() - begun)
        off = {
            name: abs(float(found.shares[name] - value)) for name, value in zip(found.shares, one.shapley, strict=True)
        }
        held.append([off[name] <= 1.96 * error for name, error in found.standard_errors.items()])
        errors += [error / abs(float(found.shares[name])) for name, error in found.standard_errors.items()]
    return Coverage(
        float(np.mean(held)), float(np.mean(held, axis=0).min()), statistics.median(errors), statistics.median(seconds)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--evaluations", default="1000,4000")
    parser.add_argument("--games", default=",".join(GAMES))
    asked = parser.parse_args()
    print("| game | coalitions | within 1.96 errors | least of a player | error / share | s |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in asked.games.split(","):
        for evaluations in map(int, asked.evaluations.split(",")):
            one = coverage(GAMES[name], range(asked.seeds), evaluations)
            print(
                f"| {name} | {evaluations} | {one.held:.1%} | {one.least_of_a_player:.1%} "
                f"| {one.error:.2%} | {one.seconds:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
