"""Does anybody already in pay more when another joins: checked for a rule on a game, or on shares that are given.

A rule is population monotonic on a game when it never happens, whatever group is there first (Sprumont 1990). The
Shapley value is wherever the game is concave; the nucleolus need not be. Where it happens, shares can be corrected:
nobody already in pays more than before, and the newcomer bears the gap, which is possible as long as it still pays no
more than alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.allocation.rule import RuleFunction, ShareStatus
from optimizer.cost_game import CostGame

Number = Fraction | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What everybody pays before and after one player joins; amounts of any exact kind, of one unit.

    Parameters
    ----------
    before
        Player already in -> share without the newcomer.
    after
        Every player -> share with it.
    alone
        What the newcomer would pay by itself; None where it is not known.
    """

    newcomer: str
    before: Mapping[str, Number]
    after: Mapping[str, Number]
    alone: Number | None = None

    @property
    def worse_off(self) -> dict[str, Number]:
        """Players already in -> what they pay more, where they do."""
        rises = {player: self.after[player] - paid for player, paid in self.before.items()}
        return {player: rise for player, rise in rises.items() if rise > 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Shares with nobody already in above its share before; the newcomer bears the gap.

    Parameters
    ----------
    gap
        What those worse off pay less than by the rule.
    over_alone
        What the newcomer then pays more than alone: positive where the correction asks too much of it and so is
        not possible; None where its cost alone is not known.
    some_way
        Whether any shares at all leave nobody already in worse off and the newcomer no dearer than alone: whether
        both together cost no more than apart. None where the newcomer's cost alone is not known.
    """

    shares: Mapping[str, Number]
    gap: Number
    over_alone: Number | None
    some_way: bool | None

    @property
    def is_possible(self) -> bool:
        """Whether the newcomer pays no more than alone, as far as is known."""
        return self.over_alone is None or self.over_alone <= 0


def corrected(joining: Joining) -> Correction:
    """Cap every share at the one before and let the newcomer bear the gap."""
    gap = sum(joining.worse_off.values())
    newcomer = joining.after[joining.newcomer] + gap
    alone = joining.alone
    return Correction(
        shares={
            player: newcomer if player == joining.newcomer else min(share, joining.before[player])
            for player, share in joining.after.items()
        },
        gap=gap,
        over_alone=None if alone is None else newcomer - alone,
        some_way=None if alone is None else sum(joining.after.values()) <= sum(joining.before.values()) + alone,
    )


def subgame(game: CostGame, mask: int) -> CostGame:
    """Return the game of a group of players among themselves; unions lose those who are not in it."""
    kept = [bit for bit in range(len(game.players)) if mask >> bit & 1]
    inside = [sum(1 << bit for place, bit in enumerate(kept) if small >> place & 1) for small in range(1 << len(kept))]
    players = game.members(mask)
    return replace(
        game,
        players=players,
        upper=[game.upper[one] for one in inside],
        lower=[game.lower[one] for one in inside],
        weights={player: weight for player, weight in game.weights.items() if player in players},
        unions=[left for union in game.unions if (left := [player for player in union if player in players])],
    )


def joinings(game: CostGame, rule: RuleFunction, newcomers: Iterable[str] | None = None) -> Iterator[Joining]:
    """Iterate over what a rule makes of each player joining all others last, where it has both answers.

    Parameters
    ----------
    game
        A cost game; the shares of those already in are the rule's on the game without the newcomer.
    newcomers
        Players to look at; all by default. A game of one player has none.
    """
    if game.kind != "cost":
        raise ValueError(f"game: expected kind cost, found {game.kind}")
    whole = rule(game)
    for player in newcomers if newcomers is not None else game.players:
        bit = game.mask([player])
        if bit == game.grand or whole.status is ShareStatus.UNDEFINED:
            continue
        before = rule(subgame(game, game.grand ^ bit))
        if before.status is not ShareStatus.UNDEFINED:
            yield Joining(newcomer=player, before=before.shares, after=whole.shares, alone=game.upper[bit])


def broken_joinings(game: CostGame, rule: RuleFunction) -> Iterator[Joining]:
    """Iterate over all joinings, to any group of a game, that leave somebody worse off: none means monotonic.

    The work is 2^n answers of the rule, so this is for small games.
    """
    if game.kind != "cost":
        raise ValueError(f"game: expected kind cost, found {game.kind}")
    answers = {mask: rule(subgame(game, mask)) for mask in range(1, game.grand + 1)}
    for mask, after in answers.items():
        for player in game.members(mask):
            bit = game.mask([player])
            before = answers.get(mask ^ bit)
            if before is None or ShareStatus.UNDEFINED in (before.status, after.status):
                continue
            found = Joining(newcomer=player, before=before.shares, after=after.shares, alone=game.upper[bit])
            if found.worse_off:
                yield found
