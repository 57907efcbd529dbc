"""Cost games as JSON (``consortium/game@1``): players, what every coalition costs, weights and unions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.json_text import RawNumber, show
from consortium.formats.kinds import ID, Constant, ListOf, MapOf, OneOf, Reading, child
from consortium.formats.schema_model import Field, Record, json_schema
from optimizer.cost_game import CostGame
from optimizer.game_generators import MOST_PLAYERS, airport, bin_packing, fixed_plus

GAME_FORMAT = "consortium/game@1"
KINDS = ("cost", "value")
GENERATORS = ("airport", "fixed_plus", "bin_packing")
MANY_PLAYERS = 4_000
"""Players of a game with a formula, which needs no table; exact shares of more would have thousands of digits."""

MAX_CAPACITY = 10**9
"""Greatest capacity of a container."""

_TOLD = 5
"""Missing coalitions that are named."""


@dataclass(frozen=True)
class Exact:
    """A number read exactly: an integer, a decimal (20.5 or "20.5") or a fraction in text ("41/2")."""

    expected: str = "a number such as 41/2"

    def read(self, value: Any, path: str, reading: Reading) -> Fraction:
        """Return the number, or 0 after a fault."""
        text = value.text if isinstance(value, RawNumber) else value
        if isinstance(value, int) and not isinstance(value, bool):
            return Fraction(value)
        if isinstance(text, str) and re.fullmatch(r"[-+]?[0-9]{1,60}([.][0-9]{1,60}|/0*[1-9][0-9]{0,60})?", text):
            return Fraction(text)
        reading.fault(path, "wrong_number", self.expected, show(value))
        return Fraction(0)

    def write(self, value: Fraction | int) -> int | str:
        """Return an integer where it is one, a fraction in text otherwise."""
        exact = Fraction(value)
        return exact.numerator if exact.denominator == 1 else str(exact)

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": ["integer", "number", "string"], "pattern": "^[-+]?[0-9]+([.][0-9]+|/[0-9]+)?$"}


EXACT = Exact()


@dataclass(frozen=True, kw_only=True)
class Generator:
    """A formula with its numbers: those of its own type are given, the others None."""

    type: str
    needs: Mapping[str, Fraction] | None = None
    fixed: Fraction | None = None
    costs: Mapping[str, Fraction] | None = None
    sizes: Mapping[str, Fraction] | None = None
    capacity: Fraction | None = None
    price: Fraction = Fraction(1)


GENERATOR = Record(
    name="generator",
    make=Generator,
    note="A formula in place of a table of coalitions.",
    fields=(
        Field(key="type", kind=OneOf(GENERATORS), required=True),
        Field(key="needs", kind=MapOf(EXACT), note="airport: player -> need >= 0; c(S) is the largest of S."),
        Field(key="fixed", kind=EXACT, note="fixed_plus: what every coalition pays once."),
        Field(key="costs", kind=MapOf(EXACT), note="fixed_plus: player -> own cost."),
        Field(key="sizes", kind=MapOf(EXACT), note="bin_packing: player -> size, an integer up to the capacity."),
        Field(key="capacity", kind=EXACT, note="bin_packing: size that one container holds, an integer > 0."),
        Field(key="price", kind=EXACT, note="bin_packing: cost of one container; 1 where it is absent."),
    ),
)


@dataclass(frozen=True, kw_only=True)
class GameDocument:
    """A game as its file holds it."""

    kind: str
    players: Sequence[str]
    coalitions: Mapping[str, Fraction] = field(default_factory=dict)
    intervals: Mapping[str, Sequence[Fraction]] = field(default_factory=dict)
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    unions: Sequence[Sequence[str]] = ()
    generator: Generator | None = None

    @property
    def needs(self) -> Mapping[str, Fraction]:
        """Needs of an airport game in the order of the players; empty for other games."""
        if self.generator is None or self.generator.type != "airport":
            return {}
        return in_order(self.generator.needs, self.players)


GAME = Record(
    name="game",
    make=GameDocument,
    note="What every group of players would pay (or gain) by itself.",
    any_of=(("coalitions",), ("generator",), ("intervals",)),
    fields=(
        Field(key="format", kind=Constant(GAME_FORMAT), required=True),
        Field(key="kind", kind=OneOf(KINDS), required=True),
        Field(key="players", kind=ListOf(ID, least=1, most=MANY_PLAYERS), required=True),
        Field(key="coalitions", kind=MapOf(EXACT), note="Players joined by commas -> cost or value."),
        Field(key="intervals", kind=MapOf(ListOf(EXACT, least=2, most=2)), note="Where one is not known exactly."),
        Field(key="weights", kind=MapOf(EXACT), note="For weighted_shapley and proportional."),
        Field(key="unions", kind=ListOf(ListOf(ID, least=1)), note="For owen."),
        Field(key="generator", kind=GENERATOR, nullable=True),
    ),
)


def read_game_document(document: Any) -> GameDocument:
    """Turn a parsed JSON document into a game's content, checked as far as that goes without a table.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    if isinstance(document, dict) and document.get("format", GAME_FORMAT) != GAME_FORMAT:
        raise InputError([InputFault("format", "wrong_format", f'"{GAME_FORMAT}"', show(document["format"]))])
    reading = Reading()
    found: GameDocument = GAME.read(document, "", reading)
    if not reading.faults:
        _check(found, reading)
    if reading.faults:
        raise InputError(reading.faults)
    return found


def game_of(found: GameDocument) -> CostGame:
    """Return the game with its whole table.

    Raises
    ------
    InputError
        When a coalition is missing, or there are too many players for a table.
    """
    reading = Reading()
    if len(found.players) > MOST_PLAYERS:
        reading.fault("players", "too_many", f"at most {MOST_PLAYERS} entries", show(found.players))
        raise InputError(reading.faults)
    if found.generator is not None:
        made = _generated(found.generator, found.players)
        upper, lower = made.upper, made.upper
    else:
        upper, lower = _table(found, reading)
    if reading.faults:
        raise InputError(reading.faults)
    return CostGame(
        players=tuple(found.players),
        upper=upper,
        lower=() if upper is lower else lower,
        kind="cost" if found.kind == "cost" else "value",
        weights=found.weights,
        unions=tuple(tuple(union) for union in found.unions),
    )


def game_to_json(found: GameDocument) -> dict[str, Any]:
    """Return the document of a game, without what it does not have; the same game gives the same document."""
    written = GAME.write(found)
    if found.generator is not None:
        written["generator"] = {key: value for key, value in written["generator"].items() if value is not None}
    return {key: value for key, value in written.items() if value not in ({}, [], None)}


def game_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/game@1``."""
    return json_schema(GAME, GAME_FORMAT)


def _check(found: GameDocument, reading: Reading) -> None:
    for index, player in enumerate(found.players):
        if "," in player:
            reading.fault(f"players[{index}]", "comma_in_id", "an id without commas", show(player))
        if player in found.players[:index]:
            reading.fault(f"players[{index}]", "duplicate", "each id once", show(player))
    _check_players("weights", found.weights, found.players, reading)
    if found.unions:
        named = [player for union in found.unions for player in union]
        if sorted(named) != sorted(found.players):
            reading.fault("unions", "wrong_key", "every player in one union", show(", ".join(named)))
    if found.generator is not None:
        if found.coalitions or found.intervals:
            reading.fault("generator", "duplicate", "only one of coalitions, generator", show("generator"))
        _check_generator(found.generator, found.players, reading)
    elif not found.coalitions and not found.intervals:
        reading.fault("coalitions", "missing", "coalitions, or a generator", "nothing")


def _check_players(path: str, named: Iterable[str], players: Sequence[str], reading: Reading) -> None:
    known = set(players)
    for name in named:
        if name not in known:
            reading.fault(child(path, name), "unknown_reference", "a player of the game", show(name))


def _check_generator(generator: Generator, players: Sequence[str], reading: Reading) -> None:
    wanted = {"airport": ("needs",), "fixed_plus": ("fixed", "costs"), "bin_packing": ("sizes", "capacity")}
    for key in wanted[generator.type]:
        given = getattr(generator, key)
        if given is None:
            reading.fault(f"generator.{key}", "missing", "a number such as 41/2", "nothing")
        elif isinstance(given, Mapping):
            _check_players(f"generator.{key}", given, players, reading)
            for player in players:
                if player not in given:
                    reading.fault(child(f"generator.{key}", player), "missing", "a number such as 41/2", "nothing")
    if not reading.faults:
        _check_numbers(generator, reading)


def _check_numbers(generator: Generator, reading: Reading) -> None:
    """Note needs below 0, and sizes or a capacity that are no whole numbers or do not fit."""
    for player, need in (generator.needs or {}).items():
        if need < 0:
            reading.fault(child("generator.needs", player), "out_of_range", "a number >= 0", str(need))
    capacity = generator.capacity
    if capacity is None:
        return
    if capacity.denominator != 1 or not 0 < capacity <= MAX_CAPACITY:
        expected = f"integer from 1 to {MAX_CAPACITY}"
        reading.fault("generator.capacity", "out_of_range", expected, str(capacity))
        return
    for player, size in (generator.sizes or {}).items():
        if size.denominator != 1 or not 0 <= size <= capacity:
            expected = f"integer from 0 to {capacity}"
            reading.fault(child("generator.sizes", player), "out_of_range", expected, str(size))


def in_order(numbers: Mapping[str, Fraction] | None, players: Sequence[str]) -> dict[str, Fraction]:
    """Return numbers by player, in the order of the players."""
    return {player: (numbers or {})[player] for player in players}


def _generated(generator: Generator, players: Sequence[str]) -> CostGame:
    match generator.type:
        case "airport":
            return airport(in_order(generator.needs, players))
        case "fixed_plus":
            return fixed_plus(generator.fixed or 0, in_order(generator.costs, players))
        case _:
            sizes = {player: int(size) for player, size in in_order(generator.sizes, players).items()}
            return bin_packing(sizes, int(generator.capacity or 1), generator.price)


def _table(found: GameDocument, reading: Reading) -> tuple[list[Fraction], list[Fraction]]:
    """Return the upper and the lower ends of all coalitions; the same list where no interval is given."""
    bits = {player: 1 << index for index, player in enumerate(found.players)}
    upper = [Fraction(0)] * (1 << len(bits))
    lower = list(upper) if found.intervals else upper
    known = [False] * len(upper)
    for key, value in found.coalitions.items():
        mask = _mask("coalitions", key, bits, reading)
        if mask is None:
            continue
        if known[mask]:
            reading.fault(child("coalitions", key), "duplicate", "each coalition once", show(key))
        upper[mask] = lower[mask] = value
        known[mask] = True
    for key, (least, most) in found.intervals.items():
        mask = _mask("intervals", key, bits, reading)
        if mask is None:
            continue
        if least > most or (known[mask] and not least <= upper[mask] <= most):
            expected = "the least cost, then the most, around the cost that is given"
            reading.fault(child("intervals", key), "wrong_pair", expected, f"{least}, {most}")
        upper[mask], lower[mask], known[mask] = most, least, True
    if not reading.faults:
        _tell_missing(found.players, known, reading)
    return upper, lower


def _mask(path: str, key: str, bits: Mapping[str, int], reading: Reading) -> int | None:
    """Return the bit mask of a coalition's key, or None after a fault."""
    names = [name.strip() if name.strip() in bits else name for name in key.split(",")]
    wrong = [name for name in names if name not in bits]
    if wrong or len(set(names)) < len(names):
        code, expected = ("unknown_reference", "a player of the game") if wrong else ("duplicate", "each id once")
        reading.fault(child(path, key), code, expected, show(wrong[0] if wrong else key))
        return None
    return sum(bits[name] for name in names)


def _tell_missing(players: Sequence[str], known: Sequence[bool], reading: Reading) -> None:
    missing = len(known) - 1 - sum(known[1:])
    bits = {player: 1 << index for index, player in enumerate(players)}
    for size in range(1, len(players) + 1):
        for group in combinations(players, size) if missing else ():
            if not known[sum(bits[player] for player in group)]:
                reading.fault(child("coalitions", ",".join(group)), "missing", "a number such as 41/2", "nothing")
                if len(reading.faults) == min(missing, _TOLD):
                    return
