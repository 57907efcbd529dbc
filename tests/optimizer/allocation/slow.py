"""Slow and plain reference methods: an exact simplex, the nucleolus without dual prices, Shapley by all orders."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations
from random import Random

from optimizer.cost_game import CostGame

NAMES = "ABCDEFGHIJKLMNOPQRST"


def game_of(players: int, cost: Callable[[list[int]], Fraction | int], kind: str = "cost") -> CostGame:
    """Return a game whose coalitions cost (or gain) what a function of their player indices says."""
    table = [0] + [cost([bit for bit in range(players) if mask >> bit & 1]) for mask in range(1, 1 << players)]
    return CostGame(players=tuple(NAMES[:players]), upper=table, kind=kind)  # type: ignore[arg-type]


def table_game(kind: str, coalitions: dict[str, Fraction | int | str | float]) -> CostGame:
    """Return a game from its coalitions written as strings of one-letter players; those left out are 0."""
    players = tuple(sorted({letter for coalition in coalitions for letter in coalition}))
    table = [Fraction(0)] * (1 << len(players))
    for coalition, value in coalitions.items():
        table[sum(1 << players.index(letter) for letter in coalition)] = Fraction(str(value))
    return CostGame(players=players, upper=table, kind=kind)  # type: ignore[arg-type]


def random_game(seed: int, players: int) -> CostGame:
    """Return a random cost game with imputations: scattered costs, whole containers, or an airport."""
    draw = Random(seed)
    sizes = [draw.randint(1, 12) for _ in range(players)]
    kind = draw.choice(["scattered", "containers", "airport", "narrow"])
    if kind == "containers":
        return game_of(players, lambda group: 60 * -(-sum(sizes[one] for one in group) // 13))
    if kind == "airport":
        return game_of(players, lambda group: max(sizes[one] for one in group))
    low = 1 if kind == "scattered" else 3
    table = [0, *(draw.randint(low, low + 9) for _ in range((1 << players) - 1))]
    table[-1] = min(2 * table[-1], sum(table[1 << bit] for bit in range(players)))
    return CostGame(players=tuple(NAMES[:players]), upper=table)


def shapley_by_orders(game: CostGame) -> dict[str, Fraction]:
    total = dict.fromkeys(game.players, Fraction(0))
    orders = list(permutations(range(len(game.players))))
    for order in orders:
        mask = 0
        for bit in order:
            total[game.players[bit]] += Fraction(game.upper[mask | 1 << bit]) - game.upper[mask]
            mask |= 1 << bit
    return {player: value / len(orders) for player, value in total.items()}


Row = tuple[list[int], Fraction]


def minimum(objective: list[int], at_most: list[Row], equal: list[Row]) -> tuple[Fraction, list[Fraction]]:
    """Minimise over free variables by the two-phase simplex in fractions with Bland's rule; must be bounded."""
    free, slacks = len(objective), len(at_most)
    tableau: list[list[Fraction]] = []
    for index, (row, right) in enumerate([*at_most, *equal]):
        slack = [Fraction(int(index == other)) for other in range(slacks)]
        line = [Fraction(v) for v in row] + [Fraction(-v) for v in row] + slack
        if right < 0:
            line, right = [-v for v in line], -right
        tableau.append([*line, right])
    width, height = 2 * free + slacks, len(tableau)
    for index, line in enumerate(tableau):
        line[-1:-1] = [Fraction(int(index == other)) for other in range(height)]
    basis = list(range(width, width + height))
    phase_one = [Fraction(0)] * width + [Fraction(1)] * height
    _simplex(tableau, basis, phase_one, width + height)
    assert sum(line[-1] for line, column in zip(tableau, basis, strict=True) if column >= width) == 0
    for index, column in enumerate(basis):
        if column >= width:
            entry = next((other for other in range(width) if tableau[index][other]), None)
            if entry is not None:
                _pivot(tableau, basis, index, entry)
    cost = [Fraction(v) for v in objective] + [Fraction(-v) for v in objective] + [Fraction(0)] * (slacks + height)
    _simplex(tableau, basis, cost, width)
    values = [Fraction(0)] * (width + height)
    for line, column in zip(tableau, basis, strict=True):
        values[column] = line[-1]
    found = [values[one] - values[free + one] for one in range(free)]
    return sum((c * v for c, v in zip(objective, found, strict=True)), start=Fraction(0)), found


def _simplex(tableau: list[list[Fraction]], basis: list[int], cost: list[Fraction], width: int) -> None:
    while True:
        prices = [cost[column] for column in basis]
        entering = next(
            (
                column
                for column in range(width)
                if cost[column] < sum(p * line[column] for p, line in zip(prices, tableau, strict=True) if line[column])
            ),
            None,
        )
        if entering is None:
            return
        ratios = [
            (line[-1] / line[entering], basis[index], index) for index, line in enumerate(tableau) if line[entering] > 0
        ]
        assert ratios, "unbounded"
        _pivot(tableau, basis, min(ratios)[2], entering)


def _pivot(tableau: list[list[Fraction]], basis: list[int], index: int, column: int) -> None:
    head = tableau[index][column]
    tableau[index] = [v / head for v in tableau[index]]
    for other, line in enumerate(tableau):
        if other != index and line[column]:
            factor = line[column]
            tableau[other] = [a - factor * b if b else a for a, b in zip(line, tableau[index], strict=True)]
    basis[index] = column


def slow_nucleolus(costs: CostGame, *, individually_rational: bool) -> dict[str, Fraction]:
    """Return the nucleolus of a cost game: a coalition is fixed when no optimum of the level lowers its share."""
    players = len(costs.players)

    def row(mask: int, excess: int = 0) -> list[int]:
        return [*(mask >> bit & 1 for bit in range(players)), excess]

    equal: list[Row] = [(row(costs.grand), Fraction(costs.upper[-1]))]
    caps: list[Row] = [(row(1 << bit), Fraction(costs.upper[1 << bit])) for bit in range(players)]
    always = caps if individually_rational else []
    open_masks = list(costs.proper_coalitions())
    while open_masks:
        rows: list[Row] = [(row(mask, -1), Fraction(costs.upper[mask])) for mask in open_masks]
        level, _ = minimum([0] * players + [1], [*rows, *always], equal)
        held: list[Row] = [(row(mask), costs.upper[mask] + level) for mask in open_masks]
        tight = [
            mask for mask in open_masks if minimum(row(mask), [*held, *always], equal)[0] == costs.upper[mask] + level
        ]
        assert tight
        equal += [(row(mask), costs.upper[mask] + level) for mask in tight]
        # What is fixed already determines more coalitions than those: they are settled too.
        open_masks = [
            mask
            for mask in open_masks
            if mask not in tight and not _settled(row(mask)[:-1], [e[0][:-1] for e in equal])
        ]
    _, found = minimum([0] * players + [1], [([0] * players + [-1], Fraction(0))], equal)
    return dict(zip(costs.players, found[:-1], strict=True))


def _settled(vector: Sequence[int], known: Sequence[Sequence[int]]) -> bool:
    return _rank([*known, vector]) == _rank(known)


def _rank(rows: Sequence[Sequence[int]]) -> int:
    left = [[Fraction(v) for v in one] for one in rows]
    rank = 0
    for column in range(len(rows[0])):
        pivot = next((one for one in left if one[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left = [[a - one[column] / pivot[column] * b for a, b in zip(one, pivot, strict=True)] for one in left]
        rank += 1
    return rank
