"""Departures, tariffs and charges: kept by managers, in the form that planning reads."""

import pytest

from consortium import queries
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import PooledShipment
from consortium.problem_builder import build_problem
from consortium.services import orders, shipments, tariffs
from optimizer.problem import Basis, Mode
from tests.consortium.builders import (
    charge_draft,
    day,
    departure_draft,
    make_world,
    order_draft,
    shipment_draft,
    tariff_draft,
)

pytestmark = pytest.mark.usefixtures("database")


def faults(act):
    with pytest.raises(InputError) as refused:
        act()
    return [(one.path, one.code) for one in refused.value.faults]


def test_departures_are_registered_changed_and_removed():
    world = make_world()
    key = tariffs.register_departure(world.manager, world.consortium_id, departure_draft(container_limits={"22G1": 3}))
    assert faults(lambda: tariffs.register_departure(world.manager, world.consortium_id, departure_draft())) == [
        ("code", "duplicate")
    ]
    tariffs.change_departure(world.manager, key, departure_draft(code="S-2", arrival=day(45)))
    (found,) = queries.departures(world.member, world.consortium_id)
    assert (found.code, found.arrival, found.container_limits) == ("S-2", day(45), {})
    tariffs.remove_departure(world.manager, key)
    assert queries.departures(world.member, world.consortium_id) == ()
    with pytest.raises(NotFoundError):
        tariffs.remove_departure(world.manager, key)


def test_limits_are_of_container_types_that_are_known():
    world = make_world()
    draft = departure_draft(container_limits={"99X9": 3})
    assert faults(lambda: tariffs.register_departure(world.manager, world.consortium_id, draft)) == [
        ("container_limits", "unknown_reference")
    ]


def test_a_departure_that_a_charge_names_stays():
    world = make_world()
    departure = tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    tariff = tariffs.register_tariff(world.manager, world.consortium_id, tariff_draft())
    charge = tariffs.register_charge(world.manager, tariff, charge_draft(departures=["S-1"]))
    for act in (
        lambda: tariffs.remove_departure(world.manager, departure),
        lambda: tariffs.change_departure(world.manager, departure, departure_draft(code="S-9")),
    ):
        with pytest.raises(StateError) as refused:
            act()
        assert (refused.value.code, refused.value.values) == ("departure_in_use", {"charge": "T-1/OFR"})
    tariffs.change_departure(world.manager, departure, departure_draft(carrier="Other line"))
    tariffs.remove_charge(world.manager, charge)
    tariffs.remove_departure(world.manager, departure)


def test_a_tariff_is_in_the_consortiums_currency():
    world = make_world()
    wrong = tariff_draft(currency="EUR")
    assert faults(lambda: tariffs.register_tariff(world.manager, world.consortium_id, wrong)) == [
        ("currency", "currency_mismatch")
    ]
    key = tariffs.register_tariff(world.manager, world.consortium_id, tariff_draft())
    tariffs.change_tariff(world.manager, key, tariff_draft(valid_to=day(300), source="https://example.org/tariff"))
    (found,) = queries.tariffs(world.auditor, world.consortium_id)
    assert (found.currency, found.valid_to, found.charges) == ("USD", day(300), ())


def test_what_a_charge_names_exists():
    world = make_world()
    tariff = tariffs.register_tariff(world.manager, world.consortium_id, tariff_draft())
    draft = charge_draft(departures=["S-1"], members=["andina", "nobody"], container_types=["22G1", "99X9"])
    assert faults(lambda: tariffs.register_charge(world.manager, tariff, draft)) == [
        ("container_types", "unknown_reference"),
        ("departures", "unknown_reference"),
        ("members", "unknown_reference"),
    ]


def test_a_charge_is_read_again_as_it_was_written():
    world = make_world()
    tariff = tariffs.register_tariff(world.manager, world.consortium_id, tariff_draft())
    steps = [{"from_units": 0, "amount_minor": 9_000}, {"from_units": 5, "amount_minor": 8_000}]
    draft = charge_draft(
        amount_minor=0,
        steps=steps,
        modes=["fcl"],
        container_types=["45G1", "22G1"],
        maximum_minor=10,
        origins=["COCTG"],
    )
    key = tariffs.register_charge(world.manager, tariff, draft)
    (found,) = queries.tariffs(world.manager, world.consortium_id)[0].charges
    assert found.steps == ((0, 9_000), (5, 8_000))
    assert found.filters == {"modes": ("fcl",), "container_types": ("45G1", "22G1"), "origins": ("COCTG",)}
    assert (found.basis, found.maximum_minor, found.incoterm_stage) == ("container", 10, "main_carriage")
    assert faults(lambda: tariffs.register_charge(world.manager, tariff, charge_draft())) == [("code", "duplicate")]
    tariffs.change_charge(world.manager, key, charge_draft(code="OFR2", amount_minor=7))
    (changed,) = queries.tariffs(world.manager, world.consortium_id)[0].charges
    assert (changed.code, changed.amount_minor, changed.steps, changed.filters) == ("OFR2", 7, (), {})


def test_what_is_registered_becomes_a_problem():
    world = make_world()
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft(container_limits={"45G1": 2}))
    tariff = tariffs.register_tariff(world.manager, world.consortium_id, tariff_draft())
    steps = [{"from_units": 0, "amount_minor": 9_000}, {"from_units": 5, "amount_minor": 8_000}]
    tariffs.register_charge(world.manager, tariff, charge_draft(container_types=["45G1"], departures=["S-1"]))
    tariffs.register_charge(
        world.manager, tariff, charge_draft(code="LCL", basis="freight_tonne", modes=["lcl"], steps=steps)
    )
    tariffs.register_charge(
        world.manager, tariff, charge_draft(code="INS", basis="value", amount_minor=0, rate_ppm=3_300)
    )
    shipment = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft())
    mine = orders.enter_order(world.member, world.consortium_id, order_draft())
    theirs = orders.enter_order(world.rival, world.consortium_id, order_draft(lines=[], volume_cm3=5, mass_g=7))
    shipments.gather(world.manager, shipment, [mine, theirs])
    with unit_of_work() as session:
        problem = build_problem(session.get_one(PooledShipment, shipment), session=session)
    assert [one.id for one in problem.consignments] == ["andina/O-1", "bahia/O-1"]
    assert [one.volume_mm3 for one in problem.consignments] == [1_920_000_000, 5_000]
    charges = {one.code: one for one in problem.charges}
    assert charges["INS"].basis is Basis.VALUE
    assert charges["LCL"].modes == {Mode.LCL}
    assert [(step.from_units, step.amount_minor) for step in charges["LCL"].steps] == [(0, 9_000), (5, 8_000)]
    assert charges["OFR"].container_types == {"45G1"}
    assert problem.departures[0].container_limits == {"45G1": 2}
