"""Slow and plain reference methods: an exact simplex, the nucleolus without dual prices, Shapley by all orders."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise, permutations
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


Row = tuple[list[Fraction | int], Fraction]


def minimum(
    objective: Sequence[Fraction | int], at_most: list[Row], equal: list[Row]
) -> tuple[Fraction, list[Fraction]]:
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


Goal = tuple[list[Fraction | int], Fraction, Fraction]
"""Vector, bound and weight: vector . shares <= bound + weight * level."""


def slow_levels(players: int, total: Fraction, goals: list[Goal], limits: list[Row]) -> list[Fraction]:
    """Return the shares that make the largest goal least, then the next: a goal is fixed when no optimum lowers it."""
    always: list[Row] = [([*vector, 0], bound) for vector, bound in limits]
    equal: list[Row] = [([1] * players + [0], total)]
    left = list(goals)
    while left:
        rows: list[Row] = [([*vector, -weight], bound) for vector, bound, weight in left]
        level, _ = minimum([0] * players + [1], [*rows, *always], equal)
        held: list[Row] = [([*vector, 0], bound + weight * level) for vector, bound, weight in left]
        tight = [
            one for one, row in zip(left, held, strict=True) if minimum(row[0], [*held, *always], equal)[0] == row[1]
        ]
        assert tight
        equal += [([*vector, 0], bound + weight * level) for vector, bound, weight in tight]
        # What is fixed already determines more goals than those: they are settled too.
        known = [row[:-1] for row, _ in equal]
        left = [one for one in left if one not in tight and not _settled(one[0], known)]
    _, found = minimum([0] * players + [1], [([0] * players + [-1], Fraction(0)), *always], equal)
    return found[:-1]


def slow_nucleolus(
    costs: CostGame, *, individually_rational: bool, weight: Callable[[int], Fraction | int] = lambda _: 1
) -> dict[str, Fraction]:
    """Return the nucleolus of a cost game, its excesses divided by weights of coalitions."""
    players = len(costs.players)
    goals: list[Goal] = [
        (_bits(mask, players), Fraction(costs.upper[mask]), Fraction(weight(mask)))
        for mask in costs.proper_coalitions()
    ]
    caps: list[Row] = [(_bits(1 << bit, players), Fraction(costs.upper[1 << bit])) for bit in range(players)]
    limits = caps if individually_rational else []
    found = slow_levels(players, Fraction(costs.upper[-1]), goals, limits)
    return dict(zip(costs.players, found, strict=True))


def slow_within_core(costs: CostGame, goals: list[Goal], slack: Fraction) -> dict[str, Fraction]:
    """Return the shares within the core, its costs raised by an allowance, that make goals least."""
    players = len(costs.players)
    limits: list[Row] = [
        (_bits(mask, players), Fraction(costs.upper[mask]) + slack) for mask in costs.proper_coalitions()
    ]
    found = slow_levels(players, Fraction(costs.upper[-1]), goals, limits)
    return dict(zip(costs.players, found, strict=True))


def slow_least_excess(costs: CostGame) -> Fraction:
    """Return the least that the largest excess of a coalition can be."""
    players = len(costs.players)
    rows: list[Row] = [([*_bits(mask, players), -1], Fraction(costs.upper[mask])) for mask in costs.proper_coalitions()]
    return minimum([0] * players + [1], rows, [([1] * players + [0], Fraction(costs.upper[-1]))])[0]


def owen_by_orders(game: CostGame) -> dict[str, Fraction]:
    """Return the mean of marginal costs over the orders in which no union is interrupted."""
    union = {player: index for index, members in enumerate(game.unions) for player in members}
    orders = [
        order
        for order in permutations(game.players)
        if len([1 for one, other in pairwise(order) if union[one] != union[other]]) == len(game.unions) - 1
    ]
    total = dict.fromkeys(game.players, Fraction(0))
    for order in orders:
        for place, player in enumerate(order):
            total[player] += Fraction(game.cost(order[: place + 1])) - Fraction(game.cost(order[:place]))
    return {player: value / len(orders) for player, value in total.items()}


def _bits(mask: int, players: int) -> list[Fraction | int]:
    return [mask >> bit & 1 for bit in range(players)]


def _settled(vector: Sequence[Fraction | int], known: Sequence[Sequence[Fraction | int]]) -> bool:
    return _rank([*known, vector]) == _rank(known)


def _rank(rows: Sequence[Sequence[Fraction | int]]) -> int:
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
