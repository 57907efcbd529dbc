"""The rules by name, each with what it promises, what it needs, and how its numbers come about."""

from dataclasses import dataclass
from enum import StrEnum

from optimizer.allocation.closed_forms import equal, equal_saving, marginal, proportional, scrb, separable, tau
from optimizer.allocation.nucleolus import (
    least_core,
    lp_prices,
    nucleolus,
    per_capita_nucleolus,
    proportional_nucleolus,
)
from optimizer.allocation.rule import RuleFunction
from optimizer.allocation.shapley import owen, shapley, weighted_shapley
from optimizer.allocation.within_core import constrained_egalitarian, equal_profit


class Promise(StrEnum):
    """When a property holds, for cost games; wherever the rule has an answer at all."""

    ALWAYS = "always"
    IF_CORE = "if_core"
    IF_SUBADDITIVE = "if_subadditive"
    IF_CONCAVE = "if_concave"
    NOT_PROMISED = "not_promised"


class Needs(StrEnum):
    """The coalitions whose cost a rule looks at, beside that of all together."""

    NONE = "none"
    SINGLES = "singles"
    ALL_BUT_ONE = "all_but_one"
    SINGLES_AND_ALL_BUT_ONE = "singles_and_all_but_one"
    EVERY = "every"


class Beyond(StrEnum):
    """What a rule can say of games of too many players for a table of coalitions.

    `SAMPLED`: shares with standard errors, from coalitions that are drawn (`optimizer.allocation.sampling`); budget
    balance, additivity and dummies hold exactly, what else is promised within the errors. `PRICES`: shares from prices
    of the goods that no coalition's cost is below; no coalition pays more than c(N) over the sum of the prices times
    its own cost, whatever is known of the core.
    """

    NOTHING = "nothing"
    SAMPLED = "sampled"
    PRICES = "prices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of allocation and its promises.

    Parameters
    ----------
    budget_balanced
        The shares sum to the cost of all.
    individually_rational
        Nobody pays more than alone (where that is possible at all).
    in_core
        No coalition pays more than alone whenever some shares achieve that.
    additive
        The shares of a sum of games are the sums of the shares: bills may be shared one by one.
    monotone
        A member pays no more when only coalitions with it get cheaper.
    dummy
        A member that adds its own cost to every coalition pays just that.
    needs
        Coalitions whose cost it looks at.
    requires
        What the game must hold beside costs: ``weights`` or ``unions``; empty for most rules.
    exact_players
        Players up to which the shares are exact fractions, for games with exact numbers; 0: whatever their number.
    degenerates
        Whether it looks at marginal costs only: with whole containers these are 0 or a container, whatever the
        goods, and its shares say little.
    beyond
        What it can say where there are too many players for a table.
    """

    name: str
    function: RuleFunction
    individually_rational: Promise
    in_core: Promise
    additive: Promise
    monotone: Promise
    dummy: Promise
    budget_balanced: Promise = Promise.ALWAYS
    needs: Needs = Needs.EVERY
    requires: str = ""
    exact_players: int = 0
    degenerates: bool = False
    beyond: Beyond = Beyond.NOTHING


_YES, _NO, _CORE = Promise.ALWAYS, Promise.NOT_PROMISED, Promise.IF_CORE
_SUBADDITIVE, _CONCAVE = Promise.IF_SUBADDITIVE, Promise.IF_CONCAVE

RULES: dict[str, Rule] = {
    one.name: one
    for one in (
        Rule(
            name="equal",
            function=equal,
            individually_rational=_NO,
            in_core=_NO,
            additive=_YES,
            monotone=_YES,
            dummy=_NO,
            needs=Needs.NONE,
        ),
        Rule(
            name="equal_saving",
            function=equal_saving,
            individually_rational=_YES,
            in_core=_NO,
            additive=_YES,
            monotone=_YES,
            dummy=_NO,
            needs=Needs.SINGLES,
        ),
        Rule(
            name="proportional",
            function=proportional,
            individually_rational=_NO,
            in_core=_NO,
            additive=_NO,
            monotone=_YES,
            dummy=_NO,
            needs=Needs.SINGLES,
        ),
        Rule(
            name="shapley",
            function=shapley,
            individually_rational=_SUBADDITIVE,
            in_core=_CONCAVE,
            additive=_YES,
            monotone=_YES,
            dummy=_YES,
            beyond=Beyond.SAMPLED,
        ),
        Rule(
            name="weighted_shapley",
            function=weighted_shapley,
            individually_rational=_SUBADDITIVE,
            in_core=_CONCAVE,
            additive=_YES,
            monotone=_YES,
            dummy=_YES,
            requires="weights",
            exact_players=8,
        ),
        Rule(
            name="owen",
            function=owen,
            individually_rational=_SUBADDITIVE,
            in_core=_CONCAVE,
            additive=_YES,
            monotone=_YES,
            dummy=_YES,
            requires="unions",
        ),
        Rule(
            name="nucleolus",
            function=nucleolus,
            individually_rational=_YES,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_YES,
        ),
        Rule(
            name="per_capita_nucleolus",
            function=per_capita_nucleolus,
            individually_rational=_YES,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_CORE,
        ),
        Rule(
            name="proportional_nucleolus",
            function=proportional_nucleolus,
            individually_rational=_YES,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_CORE,
        ),
        Rule(
            name="lp_prices",
            function=lp_prices,
            individually_rational=_CORE,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_CORE,
            beyond=Beyond.PRICES,
        ),
        Rule(
            name="least_core",
            function=least_core,
            individually_rational=_CORE,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_CORE,
        ),
        Rule(
            name="equal_profit",
            function=equal_profit,
            individually_rational=_CORE,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_CORE,
        ),
        Rule(
            name="tau",
            function=tau,
            individually_rational=_YES,
            in_core=_NO,
            additive=_NO,
            monotone=_NO,
            dummy=_YES,
            degenerates=True,
        ),
        Rule(
            name="separable",
            function=separable,
            individually_rational=_NO,
            in_core=_NO,
            additive=_YES,
            monotone=_YES,
            dummy=_NO,
            needs=Needs.ALL_BUT_ONE,
            degenerates=True,
        ),
        Rule(
            name="scrb",
            function=scrb,
            individually_rational=_SUBADDITIVE,
            in_core=_NO,
            additive=_NO,
            monotone=_NO,
            dummy=_CONCAVE,
            needs=Needs.SINGLES_AND_ALL_BUT_ONE,
            degenerates=True,
        ),
        Rule(
            name="marginal",
            function=marginal,
            individually_rational=_NO,
            in_core=_NO,
            additive=_NO,
            monotone=_NO,
            dummy=_NO,
            needs=Needs.ALL_BUT_ONE,
            degenerates=True,
        ),
        Rule(
            name="constrained_egalitarian",
            function=constrained_egalitarian,
            individually_rational=_YES,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_YES,
        ),
    )
}
"""Every rule by its name in files and on the command line."""


def rule(name: str) -> Rule:
    """Return a rule by its name.

    Raises
    ------
    ValueError
        When there is no such rule; the message lists those there are.
    """
    if name not in RULES:
        raise ValueError(f"method: expected one of {', '.join(RULES)}, found {name!r}")
    return RULES[name]
