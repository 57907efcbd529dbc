"""Small load problems with many rules, drawn from a seed."""

from random import Random

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Owners

DM = 100


def _container(draw: Random, code: str, objective: Objective) -> LoadContainer:
    return LoadContainer(
        code=code,
        length_mm=DM * draw.randint(12, 24),
        width_mm=DM * draw.randint(8, 12),
        height_mm=DM * draw.randint(8, 12),
        count=1 if objective is Objective.VOLUME else None,
        payload_g=draw.choice((None, 60_000)),
        line_load_g_per_m=draw.choice((None, None, 60_000)),
        cost_minor=draw.randint(5, 10),
    )


def _package(draw: Random, name: str, stops: int) -> LoadPackage:
    return LoadPackage(
        id=name,
        length_mm=DM * draw.randint(2, 8),
        width_mm=DM * draw.randint(2, 6),
        height_mm=DM * draw.randint(2, 6),
        quantity=draw.randint(1, 8),
        mass_g=1000 * draw.randint(0, 9),
        max_load_g=draw.choice((None, None, 0, 5_000, 20_000)),
        vertical=draw.choice((("height",), ("length", "width", "height"))),
        owner=draw.choice(("", "a", "b", "c")),
        stop=draw.randint(1, stops),
        cargo_class=draw.choice(("", "", "x", "y")),
    )


def small_rich_problem(seed: int) -> LoadProblem:
    """Return 2 to 6 kinds of packages for small containers, with rules of every sort by turns."""
    draw = Random(seed)
    objective = draw.choice(list(Objective))
    stops = draw.choice((1, 1, 2, 3))
    codes = "A" if objective is Objective.VOLUME else "AB"
    return LoadProblem(
        objective=objective,
        containers=tuple(_container(draw, code, objective) for code in codes),
        packages=tuple(_package(draw, f"p{number}", stops) for number in range(draw.randint(2, 6))),
        owners=draw.choice(list(Owners)),
        support_permille=draw.choice((1000, 1000, 750, 0)),
        incompatible_classes=draw.choice((frozenset(), frozenset({frozenset({"x", "y"})}))),
    )
