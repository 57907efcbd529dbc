"""Sentences about load plans: statuses, objectives, balance, reasons why packages stay out."""

from consortium.texts import mark

LOAD_STATUSES = {
    "optimal": mark("proven best"),
    "feasible": mark("good, not proven best"),
    "infeasible": mark("nothing can be loaded"),
    "unknown": mark("no answer within the limits"),
}

VALUES = {
    "volume": mark("Value that stays out (mm³ where no values are given): {value}; lower bound: {bound}"),
    "cost": mark("Cost in minor units: {value}; lower bound: {bound}"),
    "containers": mark("Containers: {value}; lower bound: {bound}"),
}
"""Objective -> what it counts."""

BALANCES = {
    "good": mark("good"),
    "acceptable": mark("acceptable"),
    "outside": mark("outside the limits"),
}

OWNER_LEVELS = {
    "free": mark("owners mixed freely"),
    "preferred": mark("together where it costs little"),
    "strict": mark("a part of the length each"),
}
"""Level of keeping owners apart -> what it means."""

OUT_REASONS = {
    "too_large_for_every_container": mark("no container is large enough for it"),
    "too_heavy_for_every_container": mark("no container bears its mass"),
    "no_container_for_cargo_class": mark("no container takes its cargo class"),
    "no_room": mark("no room left"),
    "no_container_left": mark("no container left"),
    "time_limit": mark("the search ended before a place was found"),
}
