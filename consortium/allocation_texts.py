"""Sentences about shares: what is known of them, why there are none, by which rule they are, what is proven."""

from consortium.texts import mark

STATUSES = {
    "exact": mark("exact"),
    "sampled": mark("estimated"),
    "bounded": mark("from the best known costs, or not verified"),
    "undefined": mark("no answer"),
}

REASONS = {
    "core_empty": mark("no shares satisfy every group: the core is empty"),
    "cost_not_positive": mark("a group costs (gains) nothing or less alone"),
    "missing_weight": mark("a player has no weight"),
    "negative_weight": mark("a weight is negative"),
    "no_imputations": mark("all together cost more than the sum of what each would pay alone"),
    "no_unions": mark("the game has no unions"),
    "no_weights": mark("all weights are 0 although there is something to share"),
    "not_quasi_balanced": mark("the marginal costs leave no room for a compromise: the game is not quasi-balanced"),
    "not_verified": mark("the shares could not be verified"),
    "open_intervals": mark("some costs are known only as intervals"),
    "lp_prices": mark("from prices of the goods, raised to the cost of all"),
    "stand_alone_not_positive": mark("a player would pay (gain) nothing or less alone"),
    "stopped": mark("it was stopped before"),
    "time_limit": mark("the time limit was reached before"),
    "too_many_members": mark("there are too many members to price every group of them"),
    "too_many_players": mark("this rule has no closed form for so many players"),
    "weight_not_positive": mark("a weight is not positive"),
    "wrong_unions": mark("the unions do not hold every player once"),
}
"""Reasons of undefined and bounded shares, by the rules' own codes."""

VERDICTS = {
    "proven": mark("yes, proven"),
    "refuted": mark("no, refuted"),
    "undecided": mark("not decided"),
}

RULE_NAMES = {
    "equal": mark("Equal shares"),
    "equal_saving": mark("Equal savings"),
    "proportional": mark("In proportion to what each would pay alone"),
    "proportional_volume": mark("In proportion to volume"),
    "proportional_mass": mark("In proportion to mass"),
    "proportional_freight_tonne": mark("In proportion to freight tonnes"),
    "proportional_value": mark("In proportion to the value of the goods"),
    "shapley": mark("Shapley value: the mean of what each member adds"),
    "weighted_shapley": mark("Weighted Shapley value"),
    "owen": mark("Owen value, for members in unions"),
    "nucleolus": mark("Nucleolus: nobody is left with a large complaint"),
    "per_capita_nucleolus": mark("Nucleolus per head"),
    "proportional_nucleolus": mark("Proportional nucleolus"),
    "lp_prices": mark("Prices of the goods, raised to the whole cost"),
    "least_core": mark("Least core"),
    "equal_profit": mark("Equal profit: savings as equal in percent as groups allow"),
    "tau": mark("Tau value"),
    "separable": mark("Separable costs, the rest in equal parts"),
    "scrb": mark("Separable costs, the rest by remaining benefits"),
    "marginal": mark("In proportion to marginal costs"),
    "constrained_egalitarian": mark("As equal as the groups allow"),
}
"""Rules by their names in files."""

OWN_VERDICTS = {
    "proven": mark("The member pays no more than it would alone."),
    "refuted": mark("The member pays more than it would alone."),
    "undecided": mark(
        "Whether the member pays more than it would alone is not decided: its cost alone is known only between limits."
    ),
}
"""Whether one member is charged more than it would pay alone."""

IN_CORE = {
    "proven": mark("No group of members would pay less by itself."),
    "refuted": mark("Some group of members would pay less by itself."),
    "undecided": mark(
        "Whether some group would pay less by itself is not decided: some costs are known only between limits."
    ),
}
"""Whether some group is charged more than it would pay alone."""

CORE_EMPTY = {
    "proven": mark("No way of sharing this cost would satisfy every group: that is proven too."),
    "refuted": mark("Some way of sharing this cost would satisfy every group; this rule does not give it."),
    "undecided": mark("Whether any way of sharing this cost would satisfy every group is not known."),
}
"""Whether any shares would satisfy every group."""
