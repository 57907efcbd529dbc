"""What a shared link shows: the load views of its containers, firms by name or by neutral letters."""

from collections.abc import Iterable
from dataclasses import replace
from string import ascii_uppercase

from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import StoredPlan
from consortium.queries.load_plans import looks_of, standing_of, view_of_load, without_names
from consortium.views_loads import LoadPlace, LoadView, OwnerLook
from optimizer.problem import ConsolidationProblem
from optimizer.result import ContainerLoad


def shared_views(stored: StoredPlan, container: str, firms: str) -> tuple[LoadView, ...]:
    """Return the loads that a link shows, each with everything that the loading needs and nothing else.

    Consignments are called by their order codes alone, since their ids begin with the firm's code, and what the judge
    found is told without names.

    Parameters
    ----------
    container
        Id of one container of the plan; empty: all that have a load plan.
    firms
        ``names``; anything else: letters, counted in the order of loading, so that they tell nothing of the firms.
    """
    problem, _ = problem_of(stored.problem)
    plan, _ = read_plan_document(stored.plan)
    loads = [one for one in plan.containers if one.load_plan is not None and container in ("", one.id)]
    looks = looks_of(problem) if firms == "names" else _letters(problem, loads)
    return tuple(_reduced(view_of_load(problem, load, looks)) for load in loads)


def _letters(problem: ConsolidationProblem, loads: Iterable[ContainerLoad]) -> dict[str, OwnerLook]:
    met = dict.fromkeys(kind.owner for load in loads for _, kind in standing_of(problem, load))
    return {firm: OwnerLook(label=letter(index), look=index) for index, firm in enumerate(met)}


def letter(index: int) -> str:
    """Return A, B ... Z, AA, AB ... for 0, 1 ..."""
    before, place = divmod(index, len(ascii_uppercase))
    return (letter(before - 1) if before else "") + ascii_uppercase[place]


def _reduced(view: LoadView) -> LoadView:
    return replace(
        view,
        places=tuple(map(_reduced_place, view.places)),
        verdict=tuple(without_names(view.verdict)),
        pallets=tuple(
            replace(one, consignment=_code(one.consignment), places=tuple(map(_reduced_place, one.places)))
            for one in view.pallets
        ),
    )


def _reduced_place(one: LoadPlace) -> LoadPlace:
    return replace(one, consignment=_code(one.consignment))


def _code(consignment: str) -> str:
    return consignment.partition("/")[2]
