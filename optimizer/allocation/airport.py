"""Rules on airport games, in which a coalition costs its largest need: closed forms for any number of players.

References
----------
Littlechild, S. C., Owen, G. (1973). A simple expression for the Shapley value in a special case. Management Science
20, 370-372. https://doi.org/10.1287/mnsc.20.3.370
Littlechild, S. C. (1974). A simple expression for the nucleolus in a special case. International Journal of Game
Theory 3, 21-29. https://doi.org/10.1007/BF01766216
Vazquez-Brage, M., van den Nouweland, A., Garcia-Jurado, I. (1997). Owen's coalitional value and aircraft landing
fees. Mathematical Social Sciences 34, 273-286. https://doi.org/10.1016/S0165-4896(97)00018-0
Dutta, B., Ray, D. (1989). A concept of egalitarianism under participation constraints. Econometrica 57, 615-635.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.allocation.rule import Shares, ShareStatus, undefined


@dataclass(frozen=True, kw_only=True)
class AirportGame:
    """Players with their needs >= 0, and what some rules need beside them."""

    needs: Mapping[str, Fraction]
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    unions: Sequence[Sequence[str]] = ()

    @property
    def order(self) -> list[str]:
        """The players by need, the least first."""
        return sorted(self.needs, key=lambda player: self.needs[player])


def share_airport(method: str, game: AirportGame) -> Shares:
    """Return shares of an airport game by a rule of the registry.

    Returns
    -------
    Shares
        Undefined (``too_many_players``) for rules without a closed form here.
    """
    if method not in _FORMS:
        return undefined(method, "too_many_players", players=len(game.needs))
    found = _FORMS[method](game)
    if found is None:
        return undefined(method, "no_weights", total=max(game.needs.values()))
    shares = {player: found[player] for player in game.needs}
    return Shares(method=method, status=ShareStatus.EXACT, shares=shares)


def _by_sections(game: AirportGame, part: Callable[[list[str]], Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """Share every section of the runway among those who need it."""
    shares = dict.fromkeys(game.needs, Fraction(0))
    order = game.order
    before = Fraction(0)
    for place, player in enumerate(order):
        length = game.needs[player] - before
        if length:
            for user, fraction in part(order[place:]).items():
                shares[user] += length * fraction
        before = game.needs[player]
    return shares


def _shapley(game: AirportGame) -> dict[str, Fraction]:
    """Return equal parts of every section: sums along the sorted players."""
    order, paid, before, shares = game.order, Fraction(0), Fraction(0), {}
    for place, player in enumerate(order):
        paid += (game.needs[player] - before) / (len(order) - place)
        before = game.needs[player]
        shares[player] = paid
    return shares


def _owen(game: AirportGame) -> dict[str, Fraction]:
    """Return equal parts of every section for the unions that need it, and inside each for its members that do."""
    union_of = {player: index for index, union in enumerate(game.unions) for player in union}

    def part(users: list[str]) -> dict[str, Fraction]:
        inside: dict[int, int] = {}
        for user in users:
            inside[union_of[user]] = inside.get(union_of[user], 0) + 1
        return {user: Fraction(1, len(inside) * inside[union_of[user]]) for user in users}

    return _by_sections(game, part)


def _nucleolus(game: AirportGame) -> dict[str, Fraction]:
    """Return the nucleolus: groups along the sorted players, each with the least fee that its runway allows."""
    order = game.order
    needs = [game.needs[player] for player in order]
    shares: dict[str, Fraction] = {}
    done, paid = 0, Fraction(0)
    while done < len(order):
        # Fee of the next players up to `last`: what their runway leaves, shared with one player more, if there is one.
        fees = [
            ((needs[last] - paid) / (last - done + 1 + (last < len(order) - 1)), last)
            for last in range(done, len(order))
        ]
        fee = min(fees)[0]
        last = max(place for one, place in fees if one == fee)
        for place in range(done, last + 1):
            shares[order[place]] = fee
        paid += fee * (last + 1 - done)
        done = last + 1
    return shares


def _egalitarian(game: AirportGame) -> dict[str, Fraction]:
    """Return the most equal shares in the core: again and again the largest group with the least cost a head."""
    order = game.order
    shares: dict[str, Fraction] = {}
    done, built = 0, Fraction(0)
    while done < len(order):
        heads = [((game.needs[order[last]] - built) / (last - done + 1), -last) for last in range(done, len(order))]
        share, last = min(heads)
        for place in range(done, 1 - last):
            shares[order[place]] = share
        built, done = game.needs[order[-last]], 1 - last
    return shares


def _marginals(game: AirportGame) -> dict[str, Fraction]:
    """Return what each adds to all the others: only the largest need adds something."""
    order = game.order
    found = dict.fromkeys(game.needs, Fraction(0))
    found[order[-1]] = game.needs[order[-1]] - (game.needs[order[-2]] if len(order) > 1 else 0)
    return found


def _beyond(game: AirportGame, parts: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Charge everybody its marginal cost, and what is left in these proportions; in equal parts where all are 0."""
    floor = _marginals(game)
    left, whole = max(game.needs.values()) - sum(floor.values()), sum(parts.values())
    equal = Fraction(1, len(parts))
    return {player: low + left * (parts[player] / whole if whole else equal) for player, low in floor.items()}


def _tau(game: AirportGame) -> dict[str, Fraction]:
    """Return marginal costs and a concession each: the own need, up to the second largest."""
    order = game.order
    second = game.needs[order[-2]] if len(order) > 1 else Fraction(0)
    return _beyond(game, {player: min(need, second) for player, need in game.needs.items()})


def _scrb(game: AirportGame) -> dict[str, Fraction]:
    floor = _marginals(game)
    return _beyond(game, {player: need - floor[player] for player, need in game.needs.items()})


def _in_proportion(game: AirportGame, weights: Mapping[str, Fraction]) -> dict[str, Fraction] | None:
    total, whole = max(game.needs.values()), sum(weights.values())
    if not whole:
        return None if total else dict.fromkeys(game.needs, Fraction(0))
    return {player: total * weights[player] / whole for player in game.needs}


def _equal_saving(game: AirportGame) -> dict[str, Fraction]:
    saving = (sum(game.needs.values()) - max(game.needs.values())) / len(game.needs)
    return {player: need - saving for player, need in game.needs.items()}


_FORMS: dict[str, Callable[[AirportGame], Mapping[str, Fraction] | None]] = {
    "equal": lambda game: dict.fromkeys(game.needs, max(game.needs.values()) / len(game.needs)),
    "equal_saving": _equal_saving,
    "proportional": lambda game: _in_proportion(game, game.weights or game.needs),
    "shapley": _shapley,
    "owen": _owen,
    "nucleolus": _nucleolus,
    "least_core": _nucleolus,
    "tau": _tau,
    "separable": lambda game: _beyond(game, dict.fromkeys(game.needs, Fraction(1))),
    "scrb": _scrb,
    "marginal": lambda game: _in_proportion(game, _marginals(game)),
    "constrained_egalitarian": _egalitarian,
}
"""Rules with a closed form for airport games."""
