"""The rules by name, each with what it promises."""

from dataclasses import dataclass
from enum import StrEnum

from optimizer.allocation.closed_forms import equal, proportional
from optimizer.allocation.core import least_core, nucleolus
from optimizer.allocation.rule import RuleFunction
from optimizer.allocation.shapley import shapley


class Promise(StrEnum):
    """When a property holds, for cost games."""

    ALWAYS = "always"
    IF_SUBADDITIVE = "if_subadditive"
    IF_CONCAVE = "if_concave"
    NOT_PROMISED = "not_promised"


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
    """

    name: str
    function: RuleFunction
    individually_rational: Promise
    in_core: Promise
    additive: Promise
    monotone: Promise
    dummy: Promise
    budget_balanced: Promise = Promise.ALWAYS


_YES, _NO = Promise.ALWAYS, Promise.NOT_PROMISED

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
        ),
        Rule(
            name="proportional",
            function=proportional,
            individually_rational=_NO,
            in_core=_NO,
            additive=_NO,
            monotone=_YES,
            dummy=_NO,
        ),
        Rule(
            name="shapley",
            function=shapley,
            individually_rational=Promise.IF_SUBADDITIVE,
            in_core=Promise.IF_CONCAVE,
            additive=_YES,
            monotone=_YES,
            dummy=_YES,
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
            name="least_core",
            function=least_core,
            individually_rational=_NO,
            in_core=_YES,
            additive=_NO,
            monotone=_NO,
            dummy=_NO,
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
