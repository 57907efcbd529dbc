"""Fees: entering once, dues by days, commission on what left, levies to the cent; a second run posts nothing."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from consortium.books_drafts import FeeDraft
from consortium.database import unit_of_work
from consortium.errors import InputError
from consortium.models import Member, Order, OrderState
from consortium.services.fees import run_fee
from consortium.services.members import register_member
from consortium.services.orders import enter_order
from tests.consortium.booked import DAY, assert_sound, entries, standing
from tests.consortium.builders import day, make_world, member_draft, order_draft

QUARTER = {"first_on": date(2026, 1, 1), "last_on": date(2026, 3, 31), "value_date": DAY}


@pytest.fixture
def world(database):
    world = make_world()
    with unit_of_work() as session:
        for member in session.exec(select(Member)):
            member.joined_on = date(2020, 1, 1)
    return world


def run(world, **values):
    return run_fee(world.manager, world.consortium_id, FeeDraft(**(QUARTER | {"name": "dues"} | values)))


def owed(world, firm):
    return standing().get(f"member/{world.members[firm]}", 0)


def set_member(world, firm, **values):
    with unit_of_work() as session:
        session.get_one(Member, world.members[firm]).sqlmodel_update(values)


def test_dues_go_by_days_and_a_second_run_posts_nothing(world):
    set_member(world, "bahia", joined_on=date(2026, 3, 1))  # 31 of 90 days
    set_member(world, "cumbre", left_on=date(2026, 1, 31))  # 30 of 90 days
    set_member(world, "delta", joined_on=date(2026, 4, 1))
    assert run(world, kind="dues", amount_minor=90_000) == 3
    assert [owed(world, firm) for firm in ("andina", "bahia", "cumbre", "delta")] == [90_000, 31_000, 30_000, 0]
    assert standing()["income/dues"] == -151_000
    assert run(world, kind="dues", amount_minor=90_000) == 0
    assert_sound()


def test_who_joins_or_leaves_later_is_charged_by_the_next_run_only(world):
    run(world, kind="dues", amount_minor=90_000)
    key = register_member(world.manager, world.consortium_id, member_draft(joined_on=date(2026, 3, 31)))
    set_member(world, "andina", left_on=date(2026, 1, 2))
    assert run(world, kind="dues", amount_minor=90_000) == 2
    assert (owed(world, "andina"), standing()[f"member/{key}"]) == (1_000, 1_000)
    assert len(entries()) == 6


def test_entering_is_charged_once_whatever_the_period(world):
    set_member(world, "bahia", joined_on=date(2026, 2, 1))
    assert run(world, kind="entry", name="entry", amount_minor=50_000) == 1
    wider = {"first_on": date(2025, 1, 1)}
    assert run(world, kind="entry", name="entry", amount_minor=50_000, **wider) == 0
    assert standing() == {f"member/{world.members['bahia']}": 50_000, "income/entry": -50_000}


def test_commission_is_on_what_left(world):
    key = enter_order(world.member, world.consortium_id, order_draft(value_minor=123_450))
    enter_order(world.member, world.consortium_id, order_draft(code="O-2", value_minor=999))
    period = {"first_on": day(0), "last_on": day(30)}
    assert run(world, kind="commission", name="commission", rate_ppm=15_000, **period) == 0
    with unit_of_work() as session:
        session.get_one(Order, key).state = OrderState.SHIPPED
    assert run(world, kind="commission", name="commission", rate_ppm=15_000, **period) == 1
    assert owed(world, "andina") == 1_852  # 1.5 % of 1,234.50 = 18.5175
    later = {"first_on": day(11), "last_on": day(30)}
    assert run(world, kind="commission", name="commission", rate_ppm=15_000, **later) == 0


def test_a_levy_is_split_to_the_cent(world):
    assert run(world, kind="levy", name="roof", amount_minor=10_001) == 4
    assert sorted(owed(world, firm) for firm in world.members) == [2_500, 2_500, 2_500, 2_501]
    assert standing()["income/roof"] == -10_001


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "dues"},
        {"kind": "dues", "rate_ppm": 5},
        {"kind": "commission", "amount_minor": 5},
        {"kind": "dues", "amount_minor": 5, "last_on": date(2026, 1, 1) - timedelta(days=1)},
    ],
)
def test_a_fee_without_its_numbers_is_refused(values):
    with pytest.raises(InputError):
        FeeDraft(**(QUARTER | {"name": "dues"} | values))
