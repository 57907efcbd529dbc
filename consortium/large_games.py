"""Games with a formula and too many players for a table: what their shares, estimates and judges need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from consortium.errors import InputError, InputFault
from consortium.formats.game_answer_json import (
    airport_certificate,
    containers_certificate,
    fixed_plus_certificate,
    properties_of_airport,
    properties_of_large,
)
from consortium.formats.game_json import GameDocument, in_order
from optimizer.allocation.airport import AirportGame, share_airport
from optimizer.allocation.estimating import airport_costs, container_costs, fixed_plus_costs
from optimizer.allocation.fixed_plus import FixedPlusGame, share_fixed_plus
from optimizer.allocation.rule import Shares, ShareStatus, undefined
from optimizer.allocation.sampling import CostOracle
from optimizer.allocation.stability import look_for_coalitions
from optimizer.bin_packing import Containers
from optimizer.certificate import Verdict
from optimizer.certificate_airport import judge_airport
from optimizer.certificate_formula import core_of_containers, judge_containers, judge_fixed_plus
from optimizer.certificate_large import MemberPrices
from optimizer.game_generators import MOST_PLAYERS

COMPARED = 5
"""Coalitions that a certificate of whole containers names with their packings."""

Judged = tuple[dict[str, Any], dict[str, Any]]
"""Certificate and properties."""


class LargeGame(Protocol):
    """A game with a formula.

    Parameters
    ----------
    cost
        What coalitions cost, many at once.
    measures
        Numbers of the players with which costs grow.
    core_empty
        What is known of the core whatever the shares.
    """

    total: Fraction
    cost: CostOracle
    measures: Mapping[str, Sequence[float]]

    @property
    def core_empty(self) -> Verdict:
        """Return what is known of the core."""

    def share(self, method: str) -> Shares:
        """Return shares by a rule; undefined (``too_many_players``) where it has no closed form."""

    def judged(self, shares: Mapping[str, Fraction]) -> Judged:
        """Return what the judge says of shares, and what it needs to say it again."""


def large_game(found: GameDocument) -> LargeGame | None:
    """Return a game with a formula and more players than a table is kept for; None for all others.

    Raises
    ------
    InputError
        When containers have a price below 0.
    """
    generator, players = found.generator, found.players
    if generator is None or len(players) <= MOST_PLAYERS:
        return None
    match generator.type:
        case "airport":
            return _Airport(AirportGame(needs=found.needs, weights=found.weights, unions=found.unions))
        case "fixed_plus":
            own, fixed = in_order(generator.costs, players), Fraction(generator.fixed or 0)
            return _FixedPlus(FixedPlusGame(fixed=fixed, own=own, weights=found.weights, unions=found.unions))
        case _:
            sizes = {player: int(size) for player, size in in_order(generator.sizes, players).items()}
            if generator.price < 0:
                expected = f"a number >= 0 for more than {MOST_PLAYERS} players"
                raise InputError([InputFault("generator.price", "out_of_range", expected, str(generator.price))])
            return _WholeContainers(sizes, int(generator.capacity or 1), generator.price, found.weights)


class _Airport:
    core_empty = Verdict.REFUTED

    def __init__(self, game: AirportGame) -> None:
        self.game = game
        self.total = max(game.needs.values())
        self.cost = airport_costs(game.needs)
        self.measures: Mapping[str, Sequence[float]] = {"need": [float(need) for need in game.needs.values()]}

    def share(self, method: str) -> Shares:
        return share_airport(method, self.game)

    def judged(self, shares: Mapping[str, Fraction]) -> Judged:
        verdict = judge_airport(self.game.needs, shares)
        return airport_certificate(self.game.needs), properties_of_airport(verdict)


class _FixedPlus:
    measures: Mapping[str, Sequence[float]] = {}

    def __init__(self, game: FixedPlusGame) -> None:
        self.game = game
        self.total = game.total
        self.cost = fixed_plus_costs(game.fixed, game.own)
        self.core_empty = Verdict.PROVEN if game.fixed < 0 else Verdict.REFUTED

    def share(self, method: str) -> Shares:
        return share_fixed_plus(method, self.game)

    def judged(self, shares: Mapping[str, Fraction]) -> Judged:
        verdict = judge_fixed_plus(self.game.fixed, self.game.own, shares)
        alone = {player: self.game.fixed + cost for player, cost in self.game.own.items()}
        certificate = fixed_plus_certificate(self.game.fixed, self.game.own)
        return certificate, properties_of_large(verdict, shares, alone, self.core_empty)


@dataclass
class _WholeContainers:
    sizes: Mapping[str, int]
    capacity: int
    price: Fraction
    weights: Mapping[str, Fraction]

    def __post_init__(self) -> None:
        self.containers = Containers(self.sizes, self.capacity)
        self.packing = self.containers.packing(tuple(self.sizes))
        self.total = self.price * len(self.packing)
        self.cost = container_costs(self.containers, self.price)
        self.measures: Mapping[str, Sequence[float]] = {"size": [float(size) for size in self.sizes.values()]}

    @cached_property
    def core_empty(self) -> Verdict:
        return core_of_containers(self.sizes, self.capacity, len(self.packing))

    def share(self, method: str) -> Shares:
        weights = self.weights or dict.fromkeys(self.sizes, Fraction(1))
        if method not in ("equal", "proportional") or any(weight < 0 for weight in weights.values()):
            return undefined(method, "too_many_players", players=len(self.sizes))
        if method == "equal":
            weights = dict.fromkeys(self.sizes, Fraction(1))
        whole = sum(weights.values())
        if not whole:
            return undefined(method, "no_weights", total=self.total)
        shares = {player: self.total * weights[player] / whole for player in self.sizes}
        return Shares(method=method, status=ShareStatus.EXACT, shares=shares)

    def judged(self, shares: Mapping[str, Fraction]) -> Judged:
        packings = [self.packing, *map(self.containers.packing, self._charged_most(shares))]
        verdict = judge_containers(self.sizes, self.capacity, self.price, shares, packings)
        certificate = containers_certificate(self.sizes, self.capacity, self.price, packings)
        alone = dict.fromkeys(self.sizes, self.price)
        return certificate, properties_of_large(verdict, shares, alone, self.core_empty)

    def _charged_most(self, shares: Mapping[str, Fraction]) -> list[tuple[str, ...]]:
        """Return the coalitions that are charged most against what they would pay, among those that were tried."""
        place = {player: at for at, player in enumerate(self.sizes)}

        def price(groups: Sequence[tuple[str, ...]]) -> list[tuple[float, float]]:
            marks = np.zeros((len(groups), len(place)), dtype=np.bool_)
            for row, group in enumerate(groups):
                marks[row, [place[one] for one in group]] = True
            return [(low, high) for low, high in self.cost(marks).tolist()]

        by_volume = {player: float(self.price) * size / self.capacity for player, size in self.sizes.items()}
        rough: dict[str, Any] = {player: float(share) for player, share in shares.items()}
        prices = MemberPrices(base=0, prices=by_volume)  # type: ignore[arg-type]
        found = look_for_coalitions(rough, float(self.total), price, prices=prices)  # type: ignore[arg-type]
        return [one.coalition for one in found.compared[:COMPARED]]
