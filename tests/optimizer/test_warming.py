from optimizer.consolidation import combining, fillings, lowering, quick_choice
from optimizer.planning import plan
from optimizer.result import SolveStatus
from optimizer.warming import tiny_problem, warm


def test_after_warming_everything_that_is_compiled_has_been_compiled():
    warm()
    for compiled in (fillings.price_variants, lowering.lower_variants, combining._search, quick_choice._fill):
        assert compiled.signatures


def test_the_problem_for_warming_is_a_proper_one():
    assert plan(tiny_problem()).status is SolveStatus.OPTIMAL
