"""Games of the literature with the shares that their sources print: `tests/instances/allocation`."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from consortium.formats.game_json import game_of, read_game_document
from consortium.formats.json_text import parse_json
from optimizer.cost_game import CostGame

FOLDER = Path(__file__).resolve().parents[2] / "instances" / "allocation"


class Expected(NamedTuple):
    """Shares of one method, the tolerance of their source, and where they come from."""

    method: str
    shares: dict[str, Fraction]
    within: Fraction
    basis: str


class Published(NamedTuple):
    """A game with its source."""

    name: str
    game: CostGame
    expected: tuple[Expected, ...]
    source: str
    certainty: str


def _published(path: Path) -> Published:
    document = parse_json(path.read_bytes(), path.name)
    plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    expected = tuple(
        Expected(
            method=one["method"],
            shares={player: Fraction(share) for player, share in one["shares"].items()},
            within=Fraction(one.get("within", 0)),
            basis=one["basis"],
        )
        for one in plain["expected"]
    )
    game = game_of(read_game_document(document["game"]))
    return Published(path.stem, game, expected, plain["source"], plain.get("certainty", "transcribed"))


GAMES = tuple(_published(path) for path in sorted(FOLDER.glob("*.json")))
