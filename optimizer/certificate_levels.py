"""Judge of rules that search: the proof that shares are the nucleolus, a variant of it, or most equal within the core.

Such a rule makes the largest of its goals as small as it can be, then the next, until nothing is left open. Each level
of a proof names goals and limits that the shares just reach, with positive weights. Where the weighted rows add up to
something that is fixed already, none of these goals can be made smaller but at the expense of another (Kohlberg 1971,
with the rank condition of Maschler, Potters and Tijs 1992). The judge adds up the weighted rows, looks at every
coalition once a level, and finds out what is fixed by elimination in whole fractions. It searches for nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from optimizer.certificate_tables import Array, added_up, exact_sums, sizes_of, times, total_of
from optimizer.cost_game import CostGame, Numbers
from optimizer.result import Violation

Number = Fraction | int
Group = tuple[str, ...]
Vector = list[Fraction]

CAPPED = ("nucleolus", "per_capita_nucleolus", "proportional_nucleolus")
"""Rules whose limits are the stand-alone costs; those of the rest are the core, or nothing."""

BY_COST = ("proportional_nucleolus", "lp_prices")
"""Rules that measure excesses in what the coalition would pay alone, which has to be above 0."""

PROVEN_RULES = (*CAPPED, "lp_prices", "least_core", "equal_profit", "constrained_egalitarian")
"""Rules whose shares come with a proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLevel:
    """One level: what its goals come to, and the goals and limits that hold it, with their weights.

    A goal is named by its coalition; `equal_profit`: by the two members that are compared, the dearer one first. A
    limit is named by the coalition that is charged just what it would pay alone (and the slack).
    """

    value: Number
    goals: tuple[tuple[Group, Number], ...]
    limits: tuple[tuple[Group, Number], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """All levels, and for rules within the core by how much everybody's limit had to be raised to leave any shares.

    Parameters
    ----------
    slack
        0 where the core is not empty.
    slack_weights
        Where it is: coalition -> weight; around every player they sum to the same, and show that less is not enough.
    """

    levels: tuple[ProofLevel, ...]
    slack: Number = 0
    slack_weights: tuple[tuple[Group, Number], ...] = ()


def check_proof(method: str, game: CostGame, shares: Mapping[str, Number], proof: Proof) -> Iterator[Violation]:
    """List everything in which a proof does not show that shares are those of a rule.

    Parameters
    ----------
    method
        One of `PROVEN_RULES`.
    game
        With exact numbers.
    shares
        Of all players, exactly.
    """
    try:
        yield from _Court(method, game, shares, proof).verdict()
    except (KeyError, ValueError, ZeroDivisionError) as error:
        yield _broken("members of the game", f"{type(error).__name__}: {error}", "proof_members")


def proof_numbers(proof: Proof) -> dict[str, Any]:
    """Return a proof as plain values: numbers as integers or as fractions in text."""

    def rows(found: Sequence[tuple[Group, Number]]) -> list[dict[str, Any]]:
        return [{"coalition": list(who), "weight": _plain(weight)} for who, weight in found]

    levels = [
        {"value": _plain(one.value), "goals": rows(one.goals), **({"limits": rows(one.limits)} if one.limits else {})}
        for one in proof.levels
    ]
    slack = {"slack": _plain(proof.slack), "slack_weights": rows(proof.slack_weights)} if proof.slack else {}
    return {"levels": levels, **slack}


def proof_of(numbers: Mapping[str, Any]) -> Proof:
    """Return the proof that `proof_numbers` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        When the values are not those of a proof.
    """

    def rows(found: Sequence[Mapping[str, Any]]) -> tuple[tuple[Group, Number], ...]:
        return tuple((tuple(map(str, one["coalition"])), Fraction(one["weight"])) for one in found)

    return Proof(
        levels=tuple(
            ProofLevel(value=Fraction(one["value"]), goals=rows(one["goals"]), limits=rows(one.get("limits", ())))
            for one in numbers["levels"]
        ),
        slack=Fraction(numbers.get("slack", 0)),
        slack_weights=rows(numbers.get("slack_weights", ())),
    )


@dataclass(slots=True)
class _Fixed:
    """Which sums of shares are fixed so far, kept as reduced rows: leading player -> row."""

    players: int
    rows: dict[int, Vector] = field(default_factory=dict)

    def rest(self, vector: Sequence[Number]) -> Vector:
        """Return what the rows leave of a vector; all zeros where its sum follows from theirs."""
        left = [Fraction(number) for number in vector]
        for lead, row in self.rows.items():
            if left[lead]:
                factor = left[lead]
                left = [one - factor * other for one, other in zip(left, row, strict=True)]
        return left

    def add(self, vector: Sequence[Number]) -> None:
        """Fix the sum of a vector too."""
        left = self.rest(vector)
        lead = next((place for place, number in enumerate(left) if number), None)
        if lead is None:
            return
        row = [number / left[lead] for number in left]
        for other, known in self.rows.items():
            self.rows[other] = [one - known[lead] * new for one, new in zip(known, row, strict=True)]
        self.rows[lead] = row

    def open_directions(self) -> Iterator[list[int]]:
        """Yield whole vectors that span what is still open: a sum is fixed where it is 0 along all of them."""
        for free in range(self.players):
            if free in self.rows:
                continue
            vector = [Fraction(int(place == free)) for place in range(self.players)]
            for lead, row in self.rows.items():
                vector[lead] = -row[free]
            whole = lcm(*(number.denominator for number in vector))
            yield [int(number * whole) for number in vector]


class _Court:
    """A proof before the judge, in costs: the sign of a value game turned."""

    def __init__(self, method: str, game: CostGame, shares: Mapping[str, Number], proof: Proof) -> None:
        sign = 1 if game.kind == "cost" else -1
        self.method, self.proof, self.costs = method, proof, game.costs
        self.bits = {player: bit for bit, player in enumerate(game.players)}
        self.shares = [Fraction(sign * shares[player]) for player in game.players]
        owed, paid, self.whole = exact_sums(self.costs, self.shares)
        self.excess = paid - owed
        self.proper = np.ones(len(owed), dtype=bool)
        self.proper[[0, -1]] = False
        self.by_coalition = method in (*CAPPED, "lp_prices", "least_core")
        self.units = Numbers(np.ones(len(owed), dtype=np.int64))
        """By coalition in what its excess is measured: 1, its members, or its cost."""
        if method == "per_capita_nucleolus":
            self.units = Numbers(sizes_of(len(self.shares)))
        elif method in BY_COST:
            numbers = self.costs.numbers
            self.units = Numbers(sign * numbers.values, numbers.denominator)

    def verdict(self) -> Iterator[Violation]:
        """Yield what is wrong: first with the limits, then with the levels from the highest on."""
        if sum(self.shares) != total_of(self.costs):
            return  # said elsewhere
        yield from self._limits()
        fixed = _Fixed(len(self.shares))
        fixed.add([1] * len(self.shares))
        for number, level in enumerate(self.proof.levels, 1):
            wrong = list(self._level(level, fixed))
            if wrong:
                yield from (replace(one, subject=f"level {number}") for one in wrong)
                return  # the levels below rest on this one
            for who, _ in level.goals:
                fixed.add(self._goal(who)[0])
            for who, _ in level.limits:
                fixed.add(self._indicator(who))
        if len(fixed.rows) < len(self.shares):
            yield _broken(f"{len(self.shares)} shares fixed", f"{len(fixed.rows)}", "proof_open")

    def _indicator(self, who: Group) -> Vector:
        vector = [Fraction(0)] * len(self.shares)
        for player in who:
            vector[self.bits[player]] = Fraction(1)
        return vector

    def _mask(self, who: Group) -> int:
        return sum(1 << self.bits[player] for player in set(who))

    def _alone(self, player: str) -> Fraction:
        return Fraction(self.costs.upper[1 << self.bits[player]])

    def _goal(self, who: Group) -> tuple[Vector, Fraction, Fraction]:
        """Return the sum that is to be small, what it is compared with, and in what unit it is measured."""
        if self.method == "equal_profit":
            vector = [Fraction(0)] * len(self.shares)
            one, other = who
            vector[self.bits[one]] += 1 / self._alone(one)
            vector[self.bits[other]] -= 1 / self._alone(other)
            return vector, Fraction(0), Fraction(1)
        if self.method == "constrained_egalitarian":
            (player,) = who
            return self._indicator((player,)), Fraction(0), Fraction(1)
        mask = self._mask(who)
        unit = Fraction(int(self.units.values[mask]), self.units.denominator)
        return self._indicator(who), Fraction(self.costs.upper[mask]), unit

    def _limits(self) -> Iterator[Violation]:
        slack = Fraction(self.proof.slack)
        if bool((self.units.values[self.proper] <= 0).any()):
            yield _broken("every coalition costs (gains) something", "one does not", "proof_limit")
        if self.method in CAPPED:
            for player, share in zip(self.costs.players, self.shares, strict=True):
                if share > self._alone(player):
                    yield _broken(f"{player} <= {self._alone(player)}", str(share), "proof_limit")
        elif not self.by_coalition:
            beyond = self.proper & (times(self.excess, slack.denominator) > slack.numerator * self.whole).astype(bool)
            for mask in np.flatnonzero(beyond)[:1]:
                who = self.costs.members(int(mask))
                excess = Fraction(int(self.excess[mask]), self.whole)
                yield _broken(f"{', '.join(who)}: {slack}", str(excess), "proof_limit")
            yield from self._slack(slack)

    def _slack(self, slack: Fraction) -> Iterator[Violation]:
        """Balanced weights show that limits raised by less would leave no shares."""
        if slack < 0 or (slack and self.method == "constrained_egalitarian"):
            yield _broken("0", str(slack), "proof_slack")
        elif slack:
            weights = [(self._mask(who), weight) for who, weight in self.proof.slack_weights]
            around = [
                sum((weight for mask, weight in weights if mask >> bit & 1), start=Fraction(0))
                for bit in range(len(self.shares))
            ]
            whole = sum((weight for _, weight in weights), start=Fraction(0))
            owed = sum((weight * Fraction(self.costs.upper[mask]) for mask, weight in weights), start=Fraction(0))
            right = whole > 0 and len(set(around)) == 1 and all(weight > 0 for _, weight in weights)
            if not right or around[0] * total_of(self.costs) - owed != slack * whole:
                yield _broken(str(slack), "weights that do not show it", "proof_slack")

    def _level(self, level: ProofLevel, fixed: _Fixed) -> Iterator[Violation]:
        value, units = Fraction(level.value), Fraction(0)
        together = [Fraction(0)] * len(self.shares)
        for who, weight in level.goals:
            vector, bound, unit = self._goal(who)
            reached = sum((a * b for a, b in zip(vector, self.shares, strict=True)), start=Fraction(0))
            if reached != bound + unit * value:
                yield _broken(f"{', '.join(who)}: {value}", str((reached - bound) / unit), "proof_level")
            units += unit * weight
            together = [one + weight * part for one, part in zip(together, vector, strict=True)]
        for who, weight in level.limits:
            limit = Fraction(self.costs.upper[self._mask(who)]) + Fraction(self.proof.slack)
            reached = sum((self.shares[self.bits[player]] for player in who), start=Fraction(0))
            is_limit = not self.by_coalition or (self.method in CAPPED and len(who) == 1)
            if reached != limit or not is_limit:
                yield _broken(f"{', '.join(who)}: {limit}", str(reached), "proof_limit")
            together = [one + weight * part for one, part in zip(together, self._indicator(who), strict=True)]
        if any(weight <= 0 for _, weight in (*level.goals, *level.limits)) or units != 1:
            yield _broken("weights > 0 of sum 1", str(units), "proof_weights")
        elif any(fixed.rest(together)):
            yield _broken("a sum that is fixed", "another", "proof_weights")
        yield from self._larger(value, fixed)

    def _larger(self, value: Fraction, fixed: _Fixed) -> Iterator[Violation]:
        """Look for a goal that is open and larger than a level says."""
        for who in self._open_above(value, fixed):
            vector, bound, unit = self._goal(who)
            reached = sum((a * b for a, b in zip(vector, self.shares, strict=True)), start=Fraction(0))
            yield _broken(f"<= {value}", f"{', '.join(who)}: {(reached - bound) / unit}", "proof_larger")
            return

    def _open_above(self, value: Fraction, fixed: _Fixed) -> Iterator[Group]:
        if not self.by_coalition:
            players = self.costs.players
            pairs = [(one, other) for one in players for other in players if one != other]
            for who in pairs if self.method == "equal_profit" else [(one,) for one in players]:
                vector, *_ = self._goal(who)
                reached = sum((a * b for a, b in zip(vector, self.shares, strict=True)), start=Fraction(0))
                if reached > value and any(fixed.rest(vector)):
                    yield who
            return
        allowed = times(self.units.values, value.numerator * self.whole)
        found = times(self.excess, value.denominator * self.units.denominator)
        above = self.proper & (found > allowed).astype(bool)
        masks = np.flatnonzero(above)
        for direction in fixed.open_directions():
            along = _sums(direction)[masks]
            for mask in masks[np.flatnonzero(along)][:1]:
                yield self.costs.members(int(mask))


def _sums(direction: Sequence[int]) -> Array:
    fits = sum(map(abs, direction)) < 1 << 62
    return added_up(np.array(direction, dtype=np.int64 if fits else object))


def _broken(claimed: str, found: object, rule: str) -> Violation:
    return Violation(rule=rule, subject="proof", claimed=claimed, found=str(found))


def _plain(number: Number) -> int | str:
    exact = Fraction(number)
    return exact.numerator if exact.denominator == 1 else str(exact)
