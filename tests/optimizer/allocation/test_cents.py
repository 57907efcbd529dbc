"""Whole minor units of every rule, sign and currency: 10,000 random cases; and whose turn it is to take an odd unit."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from optimizer.allocation.registry import RULES
from optimizer.apportion import round_shares
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import NAMES

EXPONENTS = (0, 2, 3)
"""Decimals of a currency's minor unit: JPY and CLP, USD and COP, KWD and TND."""

CASES = 10_000
BLOCK = 500


def random_money_game(draw: Random, exponent: int) -> CostGame:
    """Return a game of up to four players in major units, with the decimals of a currency, of any sign and kind."""
    players, sign = draw.randint(1, 4), draw.choice((1, 1, -1))
    minor = [draw.randint(1, 4000) * (2 + mask.bit_count()) for mask in range(1, 1 << players)]
    table = [Fraction(0), *(sign * Fraction(amount, 10**exponent) for amount in minor)]
    names = tuple(NAMES[:players])
    return CostGame(
        players=names,
        upper=table,
        kind=draw.choice(("cost", "value")),  # type: ignore[arg-type]
        weights={player: draw.randint(1, 9) for player in names},
        unions=tuple((player,) for player in names),
    )


@pytest.mark.parametrize("block", range(CASES // BLOCK))
def test_rounded_shares_sum_to_the_cent_and_are_close(block: int) -> None:
    rules = list(RULES.values())
    answered: Counter[str] = Counter()
    for case in range(block * BLOCK, (block + 1) * BLOCK):
        draw = Random(case)
        exponent = draw.choice(EXPONENTS)
        game, scale = random_money_game(draw, exponent), 10**exponent
        rule = rules[case % len(rules)]
        shares = rule.function(game).shares
        if not shares:
            continue
        answered[rule.name] += 1
        minor = {player: share * scale for player, share in shares.items()}
        total = Fraction(game.upper[-1]) * scale
        assert total.denominator == 1
        unit = draw.choice((1, 1, 5, 100))
        rounded = round_shares(minor, int(total), unit_minor=unit, tie_key=str(case))
        assert sum(rounded.values()) == total
        assert all(type(amount) is int for amount in rounded.values())
        assert all(abs(amount - minor[player]) < unit for player, amount in rounded.items())
        assert sum(amount % unit != 0 for amount in rounded.values()) <= 1
    assert len(answered) >= len(rules) - 1


def test_the_odd_cent_goes_round_between_shipments() -> None:
    game = CostGame(players=("A", "B", "C"), upper=[0, 100, 100, 100, 100, 100, 100, 100])
    shares = RULES["shapley"].function(game).shares
    payers = Counter[str]()
    for shipment in range(600):
        rounded = round_shares(shares, 100, tie_key=f"S-{shipment}")
        payers.update(player for player, amount in rounded.items() if amount == 34)
    assert sum(payers.values()) == 600
    # A fair draw of 600 among three: 200 each, give or take four standard deviations of 11.5.
    assert all(150 <= payers[player] <= 250 for player in "ABC")


def test_the_odd_cent_of_one_shipment_is_always_the_same_member_s() -> None:
    shares = dict.fromkeys("ABC", Fraction(100, 3))
    assert round_shares(shares, 100, tie_key="S-1") == round_shares(dict(reversed(shares.items())), 100, tie_key="S-1")
