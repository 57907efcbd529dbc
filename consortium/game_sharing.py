"""From a game's file to the documents of its shares: run rules, round, judge."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.canonical import sha256
from consortium.formats.game_answer_json import (
    certificate_of_game,
    game_allocation_to_json,
    properties_of_game,
    rule_of_game,
)
from consortium.formats.game_json import GameDocument, game_of, game_to_json
from consortium.large_games import LargeGame, large_game
from optimizer.allocation.core import CoreEvidence, core_evidence
from optimizer.allocation.estimating import estimated_shapley, table_costs
from optimizer.allocation.registry import RULES, Beyond
from optimizer.allocation.rule import Shares, undefined
from optimizer.allocation.sampling import SeparateGame
from optimizer.apportion import round_shares
from optimizer.certificate import Verdict, certify
from optimizer.cost_game import CostGame
from optimizer.limits import ShouldStop, never_stop


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
    samples
        Estimate the Shapley value by the work of so many orders of all players; None: exactly where that is possible.
    seed
        Of what is drawn.
    should_stop
        Ends estimates; what they know by then is the answer.
    """

    found: GameDocument
    unit_minor: int | None = None
    tie_key: str = ""
    samples: int | None = None
    seed: int = 0
    should_stop: ShouldStop = never_stop

    def __post_init__(self) -> None:
        self.fingerprint = sha256(game_to_json(self.found))
        self.large: LargeGame | None = large_game(self.found)
        self.game: CostGame | None = None
        if self.large is None:
            self.game = game_of(self.found)
        if self.unit_minor is not None and self.total.denominator != 1:
            expected = "a whole number for all players together"
            raise InputError([InputFault("--unit-minor", "not_whole", expected, str(self.total))])

    @property
    def total(self) -> Fraction:
        """Cost (value) of all players together."""
        if self.large is not None:
            return self.large.total
        assert self.game is not None
        best = self.game.upper if self.game.kind == "cost" else self.game.lower
        return Fraction(best[self.game.grand])

    def document(self, method: str, *, time_limit_s: float = 600.0) -> dict[str, Any]:
        """Return the document of the shares by one rule; the time is for estimates, the exact rules know no limit."""
        start = time.monotonic()
        shares = self._shares(method, time_limit_s)
        seconds = time.monotonic() - start
        return self._document(shares, seconds)

    def undefined(self, method: str, reason: str) -> dict[str, Any]:
        """Return the document that says that there are no shares, and why."""
        return self._document(undefined(method, reason), 0.0)

    def _shares(self, method: str, time_limit_s: float) -> Shares:
        samples = self.samples if RULES[method].beyond is Beyond.SAMPLED else None
        if samples is None:
            shares = self.large.share(method) if self.large else RULES[method].function(self._table())
            beyond = shares.reason == "too_many_players" and RULES[method].beyond is Beyond.SAMPLED
            if not beyond:
                return shares
        found = estimated_shapley(
            self._sampled_game(),
            samples=samples,
            time_limit_s=time_limit_s,
            seed=self.seed,
            should_stop=self.should_stop,
        )
        if not found.shares:
            return undefined(method, "time_limit" if found.reason == "time" else found.reason)
        if self.game is not None and self.game.kind == "value":
            return replace(found, shares={player: -share for player, share in found.shares.items()})
        return found

    def _table(self) -> CostGame:
        assert self.game is not None
        return self.game

    def _sampled_game(self) -> SeparateGame:
        """Return the game as an oracle of costs, gains with the sign turned."""
        if self.large is not None:
            return SeparateGame(
                players=tuple(self.found.players), total=self.total, cost=self.large.cost, measures=self.large.measures
            )
        game = self._table()
        total = self.total if game.kind == "cost" else -self.total
        return SeparateGame(players=game.players, total=total, cost=table_costs(game))

    def _document(self, shares: Shares, seconds: float) -> dict[str, Any]:
        rounded: dict[str, int] = {}
        if shares.shares and self.unit_minor is not None:
            rounded = round_shares(shares.shares, int(self.total), unit_minor=self.unit_minor, tie_key=self.tie_key)
        certificate, properties = self._judged(shares)
        return game_allocation_to_json(
            shares,
            game_sha256=self.fingerprint,
            core_empty=Verdict(properties.get("core_empty", self._core_empty)),
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
        if self.large is not None:
            numbers, properties = self.large.judged(shares.shares)
            return {**rule, **numbers}, properties
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
        if self.large is not None:
            return self.large.core_empty
        if self._evidence.core_point:
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
