"""From a game's file to the documents of its shares: run rules, round, judge."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.canonical import sha256
from consortium.formats.game_answer_json import (
    airport_certificate,
    certificate_of_game,
    game_allocation_to_json,
    properties_of_airport,
    properties_of_game,
    rule_of_game,
)
from consortium.formats.game_json import GameDocument, game_of, game_to_json
from optimizer.allocation.airport import AirportGame, share_airport
from optimizer.allocation.core import CoreEvidence, core_evidence
from optimizer.allocation.registry import RULES
from optimizer.allocation.rule import Shares, undefined
from optimizer.apportion import round_shares
from optimizer.certificate import Verdict, certify
from optimizer.certificate_airport import judge_airport
from optimizer.cost_game import CostGame
from optimizer.game_generators import MOST_PLAYERS


def methods_for(asked: str, found: GameDocument) -> tuple[str, ...]:
    """Return the rules that a list of names asks for; ``all`` leaves out those whose input the game lacks.

    Raises
    ------
    InputError
        When there is no such rule, or one that is named needs weights or unions that the game lacks.
    """
    given = {"weights": bool(found.weights), "unions": bool(found.unions)}
    if asked.strip() == "all":
        return tuple(name for name, one in RULES.items() if given.get(one.requires, True))
    names = tuple(name.strip() for name in asked.split(","))
    faults = []
    for name in names:
        if name not in RULES:
            faults.append(InputFault("--method", "unknown_value", f"one of {', '.join(RULES)}", f'"{name}"'))
        elif not given.get(RULES[name].requires, True):
            faults.append(InputFault(RULES[name].requires, "missing", f"what {name} needs", "nothing"))
    if faults:
        raise InputError(faults)
    return names


@dataclass(kw_only=True)
class GameSharing:
    """Shares one game by one rule after another.

    Parameters
    ----------
    unit_minor
        Multiple to which shares are rounded; None: not at all.
    tie_key
        Decides, with the players' ids, who gets odd units.
    """

    found: GameDocument
    unit_minor: int | None = None
    tie_key: str = ""

    def __post_init__(self) -> None:
        self.fingerprint = sha256(game_to_json(self.found))
        self.airport = None
        self.game: CostGame | None = None
        if self.found.needs and len(self.found.players) > MOST_PLAYERS:
            self.airport = AirportGame(needs=self.found.needs, weights=self.found.weights, unions=self.found.unions)
        else:
            self.game = game_of(self.found)
        if self.unit_minor is not None and self.total.denominator != 1:
            expected = "a whole number for all players together"
            raise InputError([InputFault("--unit-minor", "not_whole", expected, str(self.total))])

    @property
    def total(self) -> Fraction:
        """Cost (value) of all players together."""
        if self.airport is not None:
            return max(self.airport.needs.values())
        assert self.game is not None
        best = self.game.upper if self.game.kind == "cost" else self.game.lower
        return Fraction(best[self.game.grand])

    def document(self, method: str) -> dict[str, Any]:
        """Return the document of the shares by one rule."""
        start = time.monotonic()
        shares = self._shares(method)
        seconds = time.monotonic() - start
        return self._document(shares, seconds)

    def undefined(self, method: str, reason: str) -> dict[str, Any]:
        """Return the document that says that there are no shares, and why."""
        return self._document(undefined(method, reason), 0.0)

    def _shares(self, method: str) -> Shares:
        if self.airport is not None:
            return share_airport(method, self.airport)
        assert self.game is not None
        return RULES[method].function(self.game)

    def _document(self, shares: Shares, seconds: float) -> dict[str, Any]:
        rounded: dict[str, int] = {}
        if shares.shares and self.unit_minor is not None:
            rounded = round_shares(shares.shares, int(self.total), unit_minor=self.unit_minor, tie_key=self.tie_key)
        certificate, properties = self._judged(shares)
        return game_allocation_to_json(
            shares,
            game_sha256=self.fingerprint,
            core_empty=self._core_empty,
            certificate=certificate,
            properties=properties,
            shares_minor=rounded,
            unit_minor=self.unit_minor or 1,
            seconds=seconds,
        )

    def _judged(self, shares: Shares) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return certificate and properties; both empty where there are no shares."""
        if not shares.shares:
            return {}, {}
        rule = rule_of_game(shares, tie_key=self.tie_key, weights=self.found.weights, unions=self.found.unions)
        if self.airport is not None:
            verdict = judge_airport(self.airport.needs, shares.shares)
            return {**rule, **airport_certificate(self.airport.needs)}, properties_of_airport(verdict)
        assert self.game is not None
        found = certify(
            self.game,
            shares.shares,
            self.total,
            balanced_weights=self._evidence.balanced_weights,
            core_point=self._evidence.core_point,
        )
        return {**rule, **certificate_of_game(found, self.game)}, properties_of_game(found, self.game)

    @cached_property
    def _evidence(self) -> CoreEvidence:
        assert self.game is not None
        return core_evidence(self.game)

    @cached_property
    def _core_empty(self) -> Verdict:
        if self.airport is not None or self._evidence.core_point:
            return Verdict.REFUTED
        return Verdict.PROVEN if self._evidence.balanced_weights else Verdict.UNDECIDED


def whole_containers(game: CostGame) -> bool:
    """Say whether marginal costs say little: at least half of them are 0 although everybody costs something alone."""
    marginals = [game.upper[game.grand] - game.upper[game.grand ^ 1 << bit] for bit in range(len(game.players))]
    alone = [game.upper[1 << bit] for bit in range(len(game.players))]
    return len(marginals) > 2 and all(alone) and 2 * sum(one == 0 for one in marginals) >= len(marginals)


def degenerate(methods: Sequence[str], game: CostGame | None) -> tuple[str, ...]:
    """Return the rules among these that look at marginal costs only, where such costs say little."""
    if game is None or not whole_containers(game):
        return ()
    return tuple(name for name in methods if RULES[name].degenerates)
