"""The quick prices of searches equal those of the pricer on plans of every kind."""

from random import Random

import pytest

from optimizer.consolidation.charge_index import ChargeIndex, Piece, part_piece, whole_piece
from optimizer.consolidation.charges import price
from optimizer.consolidation.drafts import Draft, Yard, lot_plan
from optimizer.problem import Consignment, Mode
from tests import builders as build


def scattered(draw: Random, yard: Yard, consignment: Consignment) -> list[Piece]:
    """Cut a consignment into two parts at random where it may be cut."""
    if not consignment.can_split or draw.random() < 0.4:
        return [whole_piece(consignment)]
    first = {one.id: draw.randint(0, one.quantity) for one in consignment.packages}
    rest = {one.id: one.quantity - first[one.id] for one in consignment.packages}
    return [part_piece(consignment, part) for part in (first, rest) if any(part.values())]


def random_draft(seed: int) -> tuple[Yard, Draft]:
    """Throw pieces at random onto departures, into shared containers and loose lots, limits unheeded."""
    draw = Random(seed)
    problem = build.random_problem(seed, consignments=9, classes=1, limits=False)
    yard = Yard(ChargeIndex(problem))
    draft = Draft({one.id: yard.index.sailing(one) for one in problem.departures})
    for consignment in problem.consignments:
        for piece in scattered(draw, yard, consignment):
            choices = list(yard.insertions(draft, piece))
            if choices:
                draft.place(draw.choice(choices))
    return yard, draft


@pytest.mark.parametrize("seed", range(60))
def test_the_cost_of_sailings_is_the_price_of_the_plan(seed: int) -> None:
    yard, draft = random_draft(seed)
    plan = lot_plan([draft])
    assert draft.score()[1] == price(yard.problem, plan.containers, plan.lcl, plan.postal).cost_minor


def test_the_own_amount_of_a_loose_lot_holds_its_lines_bill_value_and_delay() -> None:
    goods = [build.consignment("C-1", "a", value_minor=1_000_000, delay_cost_ppm_per_day=100)]
    charges = [
        build.charge("LCL", "freight_tonne", 1_000),
        build.charge("BL", "bill_of_lading", 70),
        build.charge("INS", "value", rate_ppm=2_000),
        build.charge("DOC", "member", 9),
    ]
    problem = build.problem(goods, charges)
    piece, sailing = whole_piece(goods[0]), problem.departures[0]
    index = ChargeIndex(problem)
    assert index.term(piece, sailing, Mode.LCL)[0] == 5_000 + 70 + 2_000 + 1_100
    assert index.sailing(sailing, (), [(Mode.LCL, piece)]).cost_minor == 5_000 + 70 + 2_000 + 1_100 + 9


def test_a_part_with_every_package_is_the_whole_consignment() -> None:
    goods = build.consignment("C-1", "a", packages=[build.package("P1", 3), build.package("P2", 1)], divisible=True)
    assert part_piece(goods, {"P1": 3, "P2": 1}).quantities is None
    part = part_piece(goods, {"P1": 2})
    assert (part.quantities, part.volume_mm3, part.packages) == ((("P1", 2),), 2 * 10**9, 2)
