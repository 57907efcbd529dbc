"""Consortia and members: who is registered, changed, ended, and what is refused."""

import pytest
from sqlmodel import select

from consortium import queries
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import AuditEvent, Member
from consortium.permissions import ForbiddenError
from consortium.services import members, orders, shipments
from tests.consortium.builders import consortium_draft, day, make_world, member_draft, order_draft, shipment_draft

pytestmark = pytest.mark.usefixtures("database")


def test_an_administrator_registers_a_consortium_and_sees_it():
    world = make_world("old")
    key = members.register_consortium(world.administrator, consortium_draft(code="new", currency="clp"))
    found = {one.id: one for one in queries.consortia(world.administrator)}
    assert found[key].currency == "CLP"
    assert found[key].roles == frozenset()
    assert [one.id for one in queries.consortia(world.manager)] == [world.consortium_id]
    assert queries.consortia(world.nobody) == ()


def test_two_consortia_never_share_a_code():
    world = make_world("cafe")
    with pytest.raises(InputError) as refused:
        members.register_consortium(world.administrator, consortium_draft(code="cafe"))
    assert [(one.path, one.code) for one in refused.value.faults] == [("code", "duplicate")]


def test_a_manager_registers_and_changes_a_member():
    world = make_world()
    key = members.register_member(world.manager, world.consortium_id, member_draft())
    members.change_member(world.manager, key, member_draft(code="nueva2", name="Nueva Dos", sector="coffee"))
    found = next(one for one in queries.members(world.manager, world.consortium_id) if one.id == key)
    assert (found.code, found.name, found.sector, found.is_active) == ("nueva2", "Nueva Dos", "coffee", True)


def test_a_code_is_used_once_in_a_consortium_and_again_in_another():
    world, other = make_world("one"), make_world("two")
    for act in (
        lambda: members.register_member(world.manager, world.consortium_id, member_draft(code="bahia")),
        lambda: members.change_member(world.manager, world.members["andina"], member_draft(code="bahia")),
    ):
        with pytest.raises(InputError) as refused:
            act()
        assert [(one.path, one.code) for one in refused.value.faults] == [("code", "duplicate")]
    assert set(world.members) == set(other.members)


def test_a_refused_act_leaves_neither_record_nor_event():
    world = make_world()
    with pytest.raises(InputError):
        members.register_member(world.manager, world.consortium_id, member_draft(code="bahia"))
    with pytest.raises(ForbiddenError):
        members.register_member(world.auditor, world.consortium_id, member_draft())
    with unit_of_work() as session:
        assert len(session.exec(select(Member)).all()) == len(world.members)
        assert session.exec(select(AuditEvent)).all() == []


def test_a_member_leaves_on_a_day_after_it_joined():
    world = make_world()
    key = world.members["delta"]
    with pytest.raises(InputError) as refused:
        members.end_membership(world.manager, key, day(-366))
    assert refused.value.faults[0].code == "date_order"
    members.end_membership(world.manager, key, day(0))
    assert not next(one for one in queries.members(world.manager, world.consortium_id) if one.id == key).is_active
    with pytest.raises(InputError):
        members.change_member(world.manager, key, member_draft(joined_on=day(1)))
    with pytest.raises(StateError) as late:
        orders.enter_order(world.manager, world.consortium_id, order_draft(member_id=key))
    assert late.value.code == "member_left"


def test_a_member_does_not_leave_while_its_goods_wait_and_keeps_its_code():
    world = make_world()
    order = orders.enter_order(world.member, world.consortium_id, order_draft())
    shipment = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft())
    shipments.gather(world.manager, shipment, [order])
    with pytest.raises(StateError) as refused:
        members.end_membership(world.manager, world.members["andina"], day(1))
    assert (refused.value.code, refused.value.values) == ("member_has_consignments", {"shipment": "PS-1"})
    with pytest.raises(StateError) as code:
        members.change_member(world.manager, world.members["andina"], member_draft(code="other"))
    assert code.value.code == "code_in_use"
    members.change_member(world.manager, world.members["andina"], member_draft(code="andina", name="Andina S.A."))


def test_what_is_another_consortiums_does_not_exist():
    world, other = make_world("one"), make_world("two")
    for key in (other.members["andina"], 99_999):
        with pytest.raises(NotFoundError):
            members.change_member(world.manager, key, member_draft())
    for key in (other.consortium_id, 99_999):
        with pytest.raises(NotFoundError):
            members.register_member(world.manager, key, member_draft())


def test_the_audit_trail_tells_who_changed_what_from_what():
    world = make_world()
    key = members.register_member(world.manager, world.consortium_id, member_draft())
    members.change_member(world.manager, key, member_draft(name="Otra"))
    changed, registered = queries.audit_events(world.auditor, world.consortium_id)
    assert (registered.action, registered.subject) == ("register_member", "member nueva")
    assert (changed.username, changed.detail) == ("cafe-manager", {"name": ["Nueva S.A.", "Otra"]})
    assert [one.id for one in queries.audit_events(world.auditor, world.consortium_id, limit=1)] == [changed.id]
    older = queries.audit_events(world.auditor, world.consortium_id, before_id=changed.id)
    assert [one.id for one in older] == [registered.id]
