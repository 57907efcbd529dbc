"""Decisions on sharing: recorded before prices are known, kept once a shipment is frozen, replayed on past ones."""

import pytest
from sqlmodel import select

from consortium import drafts_rules, queries
from consortium.database import unit_of_work
from consortium.drafts_rules import RuleDraft, TermsDraft
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import JobState, PooledShipment, RuleVersion, StoredPlan
from consortium.permissions import ForbiddenError
from consortium.services import jobs, rules
from consortium.services.orders import enter_order
from consortium.services.planning import request_plan, work
from consortium.services.shipments import agree, change_shipment, freeze, gather, open_shipment, reopen
from optimizer.allocation.shares import PLAN_RULES
from tests.consortium.builders import (
    FIRMS,
    World,
    day,
    line,
    make_world,
    order_draft,
    shipment_draft,
)
from tests.consortium.test_planning import with_prices


def decision(**values: object) -> RuleDraft:
    """Return a decision of three days ago for the equal split, with minutes."""
    usual = {
        "rule": "equal",
        "decided_on": day(-3),
        "valid_from": day(-3),
        "text": "The cost is shared in equal parts.",
        "reference": "Minutes 7, item 2",
    }
    return RuleDraft(**(usual | values))


def gathered(world: World, code: str = "PS-1", pallets: tuple[int, ...] = (4, 8, 12)) -> int:
    orders = [
        enter_order(
            world.manager,
            world.consortium_id,
            order_draft(member_id=world.members[firm], code=f"{code}-{firm}", lines=[line(quantity=count)]),
        )
        for firm, count in zip(FIRMS, pallets, strict=False)
    ]
    shipment = open_shipment(
        world.manager, world.consortium_id, shipment_draft(code=code, settings={"modes": ["fcl", "lcl"]})
    )
    gather(world.manager, shipment, orders)
    return shipment


def planned(world: World, shipment: int) -> dict[str, int]:
    request_plan(world.manager, shipment)
    work(once=True)
    return {one.member_code: one.cost_share_minor for one in queries.cost_shares(world.manager, shipment)}


@pytest.fixture
def world(database: str) -> World:
    made = make_world()
    with_prices(made)
    return made


def test_members_may_decide_on_every_rule_that_needs_nothing_but_the_plan() -> None:
    assert set(drafts_rules.POOL_RULES) == set(PLAN_RULES)


@pytest.mark.parametrize(
    ("values", "path", "code"),
    [
        ({"rule": "owen"}, "rule", "unknown_value"),
        ({"keys": {"freight": "by_whim"}}, "keys.freight", "unknown_value"),
        ({"keys": {"delay": "volume"}}, "keys", "unknown_value"),
        ({"valid_from": day(-4)}, "valid_from", "date_order"),
        ({"text": " "}, "text", "missing"),
        ({"reference": ""}, "reference", "missing"),
        ({"reference": "", "votes_for": 2, "votes_against": 2}, "votes_for", "not_carried"),
    ],
)
def test_a_decision_that_is_none_is_refused_by_its_field(values: dict, path: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        decision(**values)
    assert (path, code) in {(one.path, one.code) for one in refused.value.faults}


def test_a_decision_of_tomorrow_is_refused(world: World) -> None:
    with pytest.raises(InputError) as refused:
        rules.decide_rule(world.manager, world.consortium_id, decision(decided_on=day(2), valid_from=day(2)))
    assert [(one.path, one.code) for one in refused.value.faults] == [("decided_on", "out_of_range")]


def test_the_decision_in_force_shares_the_cost_class_by_class_to_the_cent(world: World) -> None:
    # A container (1,500.00) in equal parts by the rule, the bill of lading (50.00) by volume: 4, 8 and 12 pallets.
    keys = {"documents": "volume"}
    rules.decide_rule(world.manager, world.consortium_id, decision(keys=keys, reference="", votes_for=3))
    shipment = gathered(world)
    freeze(world.manager, shipment)
    shares = planned(world, shipment)
    by_volume = {"andina": 5000 / 6, "bahia": 5000 / 3, "cumbre": 5000 / 2}
    assert sum(shares.values()) == 155_000
    assert all(abs(shares[firm] - 50_000 - by_volume[firm]) < 1 for firm in shares)
    rule = queries.shipment_rule(world.member, shipment)
    assert (rule.number, rule.rule, rule.is_locked, rule.is_late) == (1, "equal", True, False)
    with unit_of_work() as session:
        stored = session.exec(select(StoredPlan)).one()
        assert stored.allocation["tariff_keys"] == {"BL": "optimised"}
        assert stored.allocation["rule_version"] == 1
        version = session.exec(select(RuleVersion)).one()
        assert stored.allocation["terms_sha256"] == version.terms_sha256


def test_a_later_decision_concerns_later_shipments_only(world: World) -> None:
    rules.decide_rule(world.manager, world.consortium_id, decision())
    first = gathered(world)
    freeze(world.manager, first)
    rules.decide_rule(world.manager, world.consortium_id, decision(rule="proportional_volume", valid_from=day(-1)))
    assert queries.shipment_rule(world.manager, first).number == 1
    equal = planned(world, first)
    assert max(equal.values()) - min(equal.values()) <= 1
    second = gathered(world, "PS-2")
    assert queries.shipment_rule(world.manager, second).number == 2
    freeze(world.manager, second)
    by_volume = planned(world, second)
    assert sum(by_volume.values()) == 155_000
    assert all(
        abs(by_volume[firm] - 155_000 * part / 6) < 1 for firm, part in (("andina", 1), ("bahia", 2), ("cumbre", 3))
    )
    reopen(world.manager, first)
    assert queries.shipment_rule(world.manager, first).number == 1  # reopening is no way to another rule


def test_a_decision_that_begins_later_does_not_hold_yet(world: World) -> None:
    rules.decide_rule(world.manager, world.consortium_id, decision(valid_from=day(30)))
    shipment = gathered(world)
    freeze(world.manager, shipment)
    rule = queries.shipment_rule(world.manager, shipment)
    assert (rule.number, rule.rule) == (None, "shapley")
    versions = queries.rules(world.member, world.consortium_id).versions
    assert [one.is_in_force for one in versions] == [False]


def test_a_decision_after_prices_were_known_is_said_to_be_late(world: World) -> None:
    shipment = gathered(world)
    freeze(world.manager, shipment)
    planned(world, shipment)
    reopen(world.manager, shipment)
    assert queries.rules(world.manager, world.consortium_id).priced_and_open == ("PS-1",)
    rules.decide_rule(world.manager, world.consortium_id, decision())  # dated before, recorded after
    freeze(world.manager, shipment)
    rule = queries.shipment_rule(world.member, shipment)
    assert rule.is_late
    assert rule.prices_known_at is not None
    (version,) = queries.rules(world.member, world.consortium_id).versions
    assert [(one.code, one.is_late) for one in version.used_by] == [("PS-1", True)]


def test_a_decision_is_withdrawn_only_while_no_shipment_uses_it(world: World) -> None:
    first = rules.decide_rule(world.manager, world.consortium_id, decision())
    second = rules.decide_rule(world.manager, world.consortium_id, decision(rule="nucleolus"))
    rules.withdraw_rule(world.manager, second)
    with pytest.raises(StateError, match="rule_withdrawn"):
        rules.withdraw_rule(world.manager, second)
    shipment = gathered(world)
    freeze(world.manager, shipment)
    assert queries.shipment_rule(world.manager, shipment).number == 1
    with pytest.raises(StateError, match="rule_in_use"):
        rules.withdraw_rule(world.manager, first)
    shown = {one.number: one for one in queries.rules(world.auditor, world.consortium_id).versions}
    assert shown[2].withdrawn_at is not None
    assert shown[1].is_in_force


def test_a_record_that_somebody_edited_is_told(world: World) -> None:
    rules.decide_rule(world.manager, world.consortium_id, decision())
    assert queries.rules(world.member, world.consortium_id).versions[0].is_intact
    with unit_of_work() as session:
        version = session.exec(select(RuleVersion)).one()
        version.rule = "shapley"
        session.add(version)
    assert not queries.rules(world.member, world.consortium_id).versions[0].is_intact


def test_a_shipment_cannot_have_another_rule_than_the_members_decided_on(world: World) -> None:
    rules.decide_rule(world.manager, world.consortium_id, decision())
    with pytest.raises(InputError) as refused:
        open_shipment(world.manager, world.consortium_id, shipment_draft(allocation_rule="nucleolus"))
    assert [one.code for one in refused.value.faults] == ["rule_decided"]
    shipment = open_shipment(world.manager, world.consortium_id, shipment_draft())
    change_shipment(world.manager, shipment, shipment_draft(title="Spring", allocation_rule="equal"))
    assert queries.shipment(world.manager, shipment).allocation_rule == "equal"


def test_a_member_decides_nothing(world: World) -> None:
    with pytest.raises(ForbiddenError):
        rules.decide_rule(world.member, world.consortium_id, decision())
    with pytest.raises(NotFoundError):
        rules.withdraw_rule(world.manager, 99)


# Replays


def agreed_shipment(world: World, code: str = "PS-1", pallets: tuple[int, ...] = (4, 8, 12)) -> int:
    shipment = gathered(world, code, pallets)
    freeze(world.manager, shipment)
    planned(world, shipment)
    plan_id = queries.shipment(world.manager, shipment).plan_id
    assert plan_id is not None
    agree(world.manager, shipment, plan_id)
    return shipment


def replayed(world: World, draft: TermsDraft, *, recompute: bool = False):
    job = rules.request_replay(world.manager, world.consortium_id, draft, recompute=recompute)
    work(once=True)
    assert jobs.job(world.manager, job).state is JobState.DONE
    return queries.replays(world.manager, world.consortium_id)[0]


def test_a_replay_says_who_would_have_paid_what_without_planning_again(world: World, monkeypatch) -> None:
    shipment = agreed_shipment(world)
    actual = {one.member_code: one.cost_share_minor for one in queries.cost_shares(world.manager, shipment)}
    monkeypatch.setattr("optimizer.shipment_game.shipment_game", None)  # whoever prices groups again fails
    for rule in ("equal", "nucleolus", "proportional_volume", "shapley"):
        (result,) = replayed(world, TermsDraft(rule=rule)).shipments
        assert (result.how, result.total_minor) == ("stored", 155_000)
        assert {one.member_code: one.before_minor for one in result.members} == actual
        assert sum(one.after_minor for one in result.members) == 155_000
        if rule == "shapley":  # the rule that was in force gives what it gave
            assert {one.member_code: one.after_minor for one in result.members} == actual


def test_terms_that_measure_other_charges_need_the_groups_priced_again(world: World) -> None:
    rules.decide_rule(world.manager, world.consortium_id, decision(rule="shapley", keys={"documents": "volume"}))
    agreed_shipment(world)
    same = TermsDraft(rule="shapley", keys={"documents": "equal"})  # another measure of the same charges
    (result,) = replayed(world, same).shipments
    assert result.how == "stored"
    as_tariffs_say = TermsDraft(rule="nucleolus")
    assert replayed(world, as_tariffs_say).shipments[0].how == "stored"
    other = TermsDraft(rule="shapley", keys={"freight": "volume"})
    (result,) = replayed(world, other).shipments
    assert (result.how, result.members) == ("needs_recomputation", ())
    (result,) = replayed(world, other, recompute=True).shipments
    assert result.how == "recomputed"
    assert sum(one.after_minor for one in result.members) == 155_000


def test_a_member_sees_what_a_replay_means_for_itself_only(world: World) -> None:
    agreed_shipment(world)
    replayed(world, TermsDraft(rule="equal"))
    (replay,) = queries.replays(world.member, world.consortium_id)
    (result,) = replay.shipments
    assert [one.member_code for one in result.members] == ["andina"]
    assert result.total_minor is None  # two others: the rest would tell one what the other pays
    assert "bahia" not in repr(replay).casefold()
    assert "cumbre" not in repr(replay).casefold()


def test_there_is_nothing_to_replay_before_a_shipment_is_agreed(world: World) -> None:
    shipment = gathered(world)
    freeze(world.manager, shipment)
    planned(world, shipment)
    with pytest.raises(StateError, match="nothing_to_replay"):
        rules.request_replay(world.manager, world.consortium_id, TermsDraft(rule="equal"))


def test_a_plan_from_before_terms_were_kept_is_replayed_as_far_as_it_goes(world: World) -> None:
    shipment = agreed_shipment(world)
    with unit_of_work() as session:
        stored = session.get_one(StoredPlan, session.get_one(PooledShipment, shipment).plan_id)
        stored.allocation = {"rule": "shapley", "missing": ""}
        session.add(stored)
    assert replayed(world, TermsDraft(rule="nucleolus")).shipments[0].how == "stored"
    by_volume = TermsDraft(rule="nucleolus", keys={"documents": "volume"})
    assert replayed(world, by_volume).shipments[0].how == "needs_recomputation"


def test_decisions_of_one_day_follow_each_other_by_number(world: World) -> None:
    rules.decide_rule(world.manager, world.consortium_id, decision())
    rules.decide_rule(world.manager, world.consortium_id, decision(rule="nucleolus"))
    in_force = [one.number for one in queries.rules(world.member, world.consortium_id).versions if one.is_in_force]
    assert in_force == [2]
