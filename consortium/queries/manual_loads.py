"""The load of a container while a manager works on it: where everything stands, what the judge says, what changed."""

from sqlmodel import Session

from consortium.database import in_transaction, need
from consortium.permissions import Actor
from consortium.queries.load_plans import looks_of, view_of_load
from consortium.reach import id_of
from consortium.views_manual import FindingView, LoadNumbers, ManualLoadView, PieceView
from consortium.working_loads import Bench, reach_bench
from optimizer.load_problem import LoadProblem
from optimizer.manual_loading import Piece, WorkingLoad, block_of, judged, loaded, turns_of


@in_transaction
def manual_load(actor: Actor, shipment_id: int, container: str, *, session: Session | None = None) -> ManualLoadView:
    """Return the load of a container of the plan in force as the actor has changed it by hand.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    bench = reach_bench(actor, shipment_id, None, container, need(session))
    load = bench.now
    at = {one.number: one for one in bench.start.pieces}
    return ManualLoadView(
        plan_id=id_of(bench.stored),
        shipment_id=shipment_id,
        container_id=container,
        pieces=tuple(_pieces(bench, load)),
        findings=tuple(
            FindingView(
                rule=one.violation.rule,
                numbers=one.numbers,
                claimed=one.violation.claimed,
                found=one.violation.found,
            )
            for one in judged(bench.asked, load)
        ),
        acts=len(bench.rows),
        undo_is_accepted=not bench.rows or not judged(bench.asked, bench.earlier),
        before=_numbers(bench.asked, bench.start),
        now=_numbers(bench.asked, load),
        moved=sum(_is_elsewhere(one, at[one.number]) for one in load.pieces),
        load=view_of_load(bench.problem, bench.with_load(load), looks_of(bench.problem)),
    )


def _pieces(bench: Bench, load: WorkingLoad) -> list[PieceView]:
    looks = looks_of(bench.problem)
    blocks: dict[int, tuple[int, ...]] = {}
    for one in load.pieces:
        if one.number not in blocks:
            block = tuple(sorted(block_of(load, one.number)))
            blocks |= dict.fromkeys(block, block)
    descriptions = {(one.id, each.id): each.description for one in bench.problem.consignments for each in one.packages}
    return [
        PieceView(
            number=one.number,
            step=one.placement.step,
            package=one.placement.package,
            description=descriptions.get(one.kind, ""),
            consignment=one.placement.consignment,
            owner=looks[bench.asked.package[one.kind].owner],
            low_mm=one.low,
            size_mm=one.size,
            is_out=one.is_out,
            is_pinned=one.is_pinned,
            block=blocks[one.number],
            turns=turns_of(bench.asked, load, [one.number]),
        )
        for one in load.pieces
    ]


def _numbers(asked: LoadProblem, load: WorkingLoad) -> LoadNumbers:
    found = loaded(asked, load)
    return LoadNumbers(
        standing=len(found.placements),
        fill_permille=found.fill_permille,
        mass_g=found.mass_g,
        centre_of_gravity_permille=found.centre_of_gravity_permille,
        balance=found.balance,
    )


def _is_elsewhere(one: Piece, before: Piece) -> bool:
    return one.is_out or (one.low, one.size) != (before.low, before.size)
