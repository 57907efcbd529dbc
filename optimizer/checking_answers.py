"""Judge of a whole answer to a load problem: the pallets, the loads, and what keeping owners apart costs."""

from optimizer.checking_levels import check_levels
from optimizer.checking_loads import check_loads
from optimizer.checking_lots import broken
from optimizer.checking_pallets import check_built
from optimizer.load_problem import LoadProblem
from optimizer.load_result import LoadAnswer
from optimizer.pallets import on_pallets
from optimizer.problem_parts import ProblemError
from optimizer.result import Violation


def check_answer(problem: LoadProblem, answer: LoadAnswer) -> tuple[Violation, ...]:
    """List everything in which an answer breaks a rule of its load problem or claims a wrong number.

    As `checking_loads.check_loads`, which knows neither pallets nor levels.
    """
    if problem.pallet is None:
        strangers = [broken("pallet_unasked", one.id, one.quantity, "no pallets asked for") for one in answer.pallets]
        return (*strangers, *check_loads(problem, answer), *check_levels(problem, answer))
    found = check_built(problem, answer.pallets)
    try:
        loading = on_pallets(problem, answer.pallets)
    except ProblemError as error:
        return (*found, *(broken("pallet_stated", one.path, one.found, one.expected) for one in error.faults))
    return (*found, *check_loads(loading, answer), *check_levels(loading, answer))
