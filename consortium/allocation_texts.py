"""Sentences about shares of a game: what is known of them, and why there are none."""

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
