"""Records become a problem: ids, units, validity of tariffs."""

from consortium.database import unit_of_work
from consortium.models import PooledShipment
from consortium.problem_builder import build_problem, consignment_id
from consortium.services.orders import enter_order
from consortium.services.shipments import gather, open_shipment
from consortium.services.tariffs import register_charge, register_departure, register_tariff
from optimizer.problem import AllocationKey, Basis, ConsolidationProblem, IncotermStage, Mode
from tests.consortium.builders import (
    World,
    charge_draft,
    day,
    departure_draft,
    line,
    make_world,
    order_draft,
    shipment_draft,
    tariff_draft,
)


def problem_of(world: World, shipment_id: int) -> ConsolidationProblem:
    with unit_of_work() as session:
        return build_problem(session.get_one(PooledShipment, shipment_id), session=session)


def a_shipment(world: World, **values: object) -> int:
    order = enter_order(
        world.manager,
        world.consortium_id,
        order_draft(member_id=world.members["andina"], lines=[line(code="L-1", quantity=3, max_load_g=900_000)]),
    )
    shipment = open_shipment(world.manager, world.consortium_id, shipment_draft(**values))
    gather(world.manager, shipment, [order])
    return shipment


def test_an_order_becomes_a_consignment_with_its_packages_in_millimetres_and_grams(database: str) -> None:
    world = make_world()
    register_departure(world.manager, world.consortium_id, departure_draft())
    (one,) = problem_of(world, a_shipment(world)).consignments
    assert one.id == consignment_id("andina", "O-1")
    assert (one.member, one.origin, one.destination) == ("andina", "COCTG", "NLRTM")
    assert one.mass_g == 3 * 300_000
    assert one.volume_mm3 == 3 * 1200 * 800 * 1000
    (package,) = one.packages
    assert (package.quantity, package.length_mm, package.max_load_g) == (3, 1200, 900_000)


def test_only_departures_of_the_lanes_that_are_needed_are_offered(database: str) -> None:
    world = make_world()
    register_departure(world.manager, world.consortium_id, departure_draft(code="S-1"))
    register_departure(world.manager, world.consortium_id, departure_draft(code="S-9", destination="DEHAM"))
    assert [one.id for one in problem_of(world, a_shipment(world)).departures] == ["S-1"]


def test_a_departure_that_is_gone_before_the_shipments_cut_off_is_not_offered(database: str) -> None:
    world = make_world()
    register_departure(world.manager, world.consortium_id, departure_draft(code="S-1"))
    register_departure(
        world.manager,
        world.consortium_id,
        departure_draft(code="S-0", cut_off=day(12), departure=day(15), arrival=day(36)),
    )
    assert [one.id for one in problem_of(world, a_shipment(world)).departures] == ["S-1"]


def test_a_charge_counts_only_on_departures_within_its_tariffs_validity(database: str) -> None:
    world = make_world()
    register_departure(world.manager, world.consortium_id, departure_draft(code="S-1"))
    register_departure(
        world.manager,
        world.consortium_id,
        departure_draft(code="S-2", cut_off=day(27), departure=day(30), arrival=day(51)),
    )
    early = register_tariff(world.manager, world.consortium_id, tariff_draft(code="T-1", valid_to=day(25)))
    always = register_tariff(world.manager, world.consortium_id, tariff_draft(code="T-2"))
    over = register_tariff(
        world.manager, world.consortium_id, tariff_draft(code="T-3", valid_from=day(-90), valid_to=day(-1))
    )
    for tariff in (early, always, over):
        register_charge(world.manager, tariff, charge_draft(code="OFR"))
    charges = {one.code: one for one in problem_of(world, a_shipment(world)).charges}
    assert set(charges) == {"T-1:OFR", "T-2:OFR"}
    assert charges["T-1:OFR"].departures == {"S-1"}
    assert charges["T-2:OFR"].departures is None


def test_filters_keep_what_is_known_and_a_charge_that_nothing_can_meet_is_left_out(database: str) -> None:
    world = make_world()
    register_departure(world.manager, world.consortium_id, departure_draft())
    tariff = register_tariff(world.manager, world.consortium_id, tariff_draft())
    register_charge(
        world.manager,
        tariff,
        charge_draft(
            code="HAUL",
            basis="freight_tonne",
            amount_minor=4_000,
            members=["andina", "bahia"],
            modes=["lcl"],
            incoterm_stage="origin",
            allocation_key="freight_tonne",
        ),
    )
    register_charge(world.manager, tariff, charge_draft(code="OTHER", members=["bahia"]))
    (charge,) = problem_of(world, a_shipment(world)).charges
    assert (charge.code, charge.basis, charge.amount_minor) == ("HAUL", Basis.FREIGHT_TONNE, 4_000)
    assert charge.members == {"andina"}
    assert charge.modes == {Mode.LCL}
    assert charge.incoterm_stage is IncotermStage.ORIGIN
    assert charge.allocation_key is AllocationKey.FREIGHT_TONNE


def test_container_types_and_settings_are_those_of_the_shipment(database: str) -> None:
    world = make_world()
    register_departure(world.manager, world.consortium_id, departure_draft(container_limits={"22G1": 2, "42G1": 1}))
    shipment = a_shipment(world, container_types=["22G1"], settings={"modes": ["fcl"], "missed_due_date": "allowed"})
    problem = problem_of(world, shipment)
    assert [one.code for one in problem.container_types] == ["22G1"]
    assert dict(problem.departures[0].container_limits) == {"22G1": 2}
    assert problem.settings.modes == (Mode.FCL,)
    assert problem.settings.missed_due_date.value == "allowed"
