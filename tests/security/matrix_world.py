"""Two consortia full of things to reach for; what rivals have carries marks that no other viewer may ever see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from consortium.books_drafts import CallDraft
from consortium.books_drafts import InvoiceDraft as SupplierInvoice
from consortium.database import unit_of_work
from consortium.drafts_rules import InvoiceDraft, RuleDraft
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import (
    AppUser,
    JobState,
    PooledShipment,
    Role,
    RoleGrant,
    RuleReplay,
    ShareStudy,
    ShipmentState,
    StoredPlan,
)
from consortium.plan_answers import quick_answers
from consortium.plan_making import MadePlan
from consortium.problem_builder import build_problem
from consortium.reach import id_of
from consortium.services import bank, books, members, orders, shipments, tariffs
from consortium.services.answers import keep_answers
from consortium.services.invoices import enter_invoice
from consortium.services.jobs import enqueue
from consortium.services.passwords import hash_password
from consortium.services.rules import decide_rule
from consortium.services.shared_links import LinkDraft, make_link
from consortium.services.studies import request_study
from consortium.study_questions import StudyDraft
from optimizer.alternatives import AlternativePlan, Wish, WishKind
from optimizer.moves import measures
from optimizer.planning import plan as plan_shipment
from tests.consortium.builders import (
    World,
    charge_draft,
    day,
    departure_draft,
    line,
    load_containers_of,
    make_world,
    member_draft,
    order_draft,
    product_draft,
    shipment_draft,
    store_plan_of,
    stored,
    tariff_draft,
)

PASSWORD = "correct horse battery"
MARKS = ("mark-", "bahia", "cumbre", "delta", "987654", "876543", "765432", "6543217", "5432109")
"""What stands in rivals' names, codes, buyers, notes, values, masses and volumes, and nowhere else."""

VALUES_MINOR = {"bahia": 987_654_321, "cumbre": 876_543_219, "delta": 765_432_198}
UNKNOWN = 99_999


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a call is aimed at: one firm's things in one consortium."""

    consortium: int
    consortium_code: str
    firm: str
    member: int
    spare_member: int
    product: int
    order: int
    gathered_order: int
    shipments: Mapping[str, int]
    plan: int
    plan_to_replace: int
    loaded_plan: int
    rule: int
    link: int
    made: MadePlan
    departure: int
    spare_departure: int
    tariff: int
    charge: int
    job: int
    study: int
    entry: int
    movement: int
    user: int
    username: str


def unknown(like: Target) -> Target:
    """Return a target of which nothing exists."""
    return Target(
        consortium=UNKNOWN,
        consortium_code="unknown",
        firm="unknown",
        member=UNKNOWN,
        spare_member=UNKNOWN,
        product=UNKNOWN,
        order=UNKNOWN,
        gathered_order=UNKNOWN,
        shipments=dict.fromkeys(like.shipments, UNKNOWN),
        plan=UNKNOWN,
        plan_to_replace=UNKNOWN,
        loaded_plan=UNKNOWN,
        rule=UNKNOWN,
        link=UNKNOWN,
        made=like.made,
        departure=UNKNOWN,
        spare_departure=UNKNOWN,
        tariff=UNKNOWN,
        charge=UNKNOWN,
        job=UNKNOWN,
        study=UNKNOWN,
        entry=UNKNOWN,
        movement=UNKNOWN,
        user=UNKNOWN,
        username="unknown",
    )


def _order(world: World, firm: str, code: str, session: Session, *, with_packages: bool = False) -> int:
    """Enter an order; a rival's bears its marks in everything that can bear one, and has packages only when asked."""
    key = world.members[firm]
    if firm == "andina":
        draft = order_draft(member_id=key, code=code, lines=[line(quantity=1), line(quantity=3)])
    else:
        mark = f"mark-{firm}"
        draft = order_draft(
            member_id=key,
            code=f"{mark}-{code}",
            buyer=f"{mark}-buyer",
            note=f"{mark}-note",
            named_place=f"{mark}-place",
            value_minor=VALUES_MINOR[firm],
            lines=[line(description=f"{mark}-goods", mass_g=6_543_217 // 4)] if with_packages else [],
            **({} if with_packages else {"volume_cm3": 5_432_109, "mass_g": 6_543_217}),
        )
    return orders.enter_order(world.manager, world.consortium_id, draft, session=session)


def _shipment(
    world: World, code: str, firms: tuple[str, ...], session: Session, *, with_packages: bool = False
) -> tuple[int, dict[str, int]]:
    key = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft(code=code), session=session)
    inside = {firm: _order(world, firm, code, session, with_packages=with_packages) for firm in firms}
    shipments.gather(world.manager, key, list(inside.values()), session=session)
    return key, inside


def build(code: str) -> tuple[World, Target, Target]:
    """Store a consortium with everything; return it with what is the first firm's and what is its rival's."""
    world = make_world(code)
    with unit_of_work() as session:
        shared = _shared_things(world, code, session)
        pair = ("andina", "bahia")
        keys: dict[str, int] = {}
        keys["open"], gathered = _shipment(world, "open", pair, session)
        keys["frozen"], _ = _shipment(world, "frozen", pair, session)
        shipments.freeze(world.manager, keys["frozen"], session=session)
        keys["planned"], _ = _shipment(world, "planned", ("andina", "bahia", "cumbre", "delta"), session)
        shipments.freeze(world.manager, keys["planned"], session=session)
        plan = store_plan_of(keys["planned"], session=session)
        keys["loaded"], _ = _shipment(
            world, "loaded", ("andina", "bahia", "cumbre", "delta"), session, with_packages=True
        )
        shipments.freeze(world.manager, keys["loaded"], session=session)
        loaded_plan = store_plan_of(keys["loaded"], session=session)
        load_containers_of(loaded_plan, session=session)
        keys["replaced"], _ = _shipment(world, "replaced", pair, session)
        shipments.freeze(world.manager, keys["replaced"], session=session)
        to_replace = store_plan_of(keys["replaced"], session=session)
        _give_an_alternative(to_replace, session)
        link, _ = make_link(world.manager, keys["loaded"], loaded_plan, LinkDraft(), session=session)
        keys["agreed"], _ = _shipment(world, "agreed", pair, session)
        agreed = session.get_one(PooledShipment, keys["agreed"])
        store_plan_of(keys["agreed"], session=session)
        agreed.state = ShipmentState.AGREED
        rule = _decisions_and_invoices(world, keys["agreed"], session)
        problem = build_problem(session.get_one(PooledShipment, keys["frozen"]), session=session)
        made = MadePlan(problem=problem, plan=plan_shipment(problem), rule="shapley")
        shared |= _books(world, session)
        job = enqueue(world.manager, world.consortium_id, "plan", keys["planned"], {}, session=session)
        study = request_study(world.manager, keys["loaded"], StudyDraft(kind="methods"), session=session)
        _let_a_member_have_asked(world, keys["planned"], plan, session)
        mine, theirs = (
            Target(
                firm=firm,
                member=world.members[firm],
                product=orders.register_product(
                    world.manager,
                    world.members[firm],
                    product_draft(name="coffee" if firm == "andina" else f"mark-{firm}-product"),
                    session=session,
                ),
                order=_order(world, firm, "waiting", session),
                gathered_order=gathered[firm],
                shipments=keys,
                plan=plan,
                plan_to_replace=to_replace,
                loaded_plan=loaded_plan,
                rule=rule,
                link=link,
                made=made,
                job=id_of(job),
                study=study,
                **shared,
            )
            for firm in pair
        )
    return world, mine, theirs


def _decisions_and_invoices(world: World, agreed: int, session: Session) -> int:
    """Store a replay and an invoice of an agreed shipment, and a decision that begins later; return its id."""
    result = {
        "shipment_id": agreed,
        "code": "agreed",
        "total_minor": 150_000,
        "how": "stored",
        "reason": "",
        "members": [
            {"member_id": world.members[firm], "before_minor": 75_000, "after_minor": after}
            for firm, after in (("andina", -837_654), ("bahia", 987_654))
        ],
    }
    session.add(RuleReplay(consortium_id=world.consortium_id, rule="equal", results=[result]))
    lines = (
        {"charge_code": "OFR", "amount_minor": 151_111},
        {"charge_class": "demurrage", "amount_minor": 876_543, "causes": ["bahia"], "description": "mark-invoice"},
    )
    head = {"reference": "F-1", "invoice_date": day(0), "currency": "USD"}
    enter_invoice(world.manager, agreed, InvoiceDraft(**head, invoice_lines=lines), session=session)
    later = RuleDraft(rule="equal", decided_on=day(-1), valid_from=day(300), text="Equal parts.", votes_for=4)
    return decide_rule(world.manager, world.consortium_id, later, session=session)


def _let_a_member_have_asked(world: World, shipment: int, plan: int, session: Session) -> None:
    """Keep a question of the first firm about itself, whose answer knows all firms."""
    shares = dict.fromkeys(world.members, 37_500)
    outcome = {
        "cost_minor": 150_000,
        "gap_ppm": 0,
        "shares_minor": shares,
        "alone_minor": shares,
        "unplanned": [f"{firm}/mark-{firm}" for firm in world.members if firm != "andina"],
        "missing": "",
    }
    joining = {
        "newcomer": "bahia",
        "changes_minor": shares,
        "worse_off_minor": shares,
        "correction": {
            "shares_minor": shares,
            "gap_minor": 0,
            "over_alone_minor": 0,
            "is_possible": True,
            "some_way": True,
        },
    }
    asked = stored(
        ShareStudy(
            shipment_id=shipment,
            plan_id=plan,
            member_id=world.members["andina"],
            question=StudyDraft(kind="leaves", member="andina").model_dump(mode="json"),
            document={"before": outcome, "after": outcome, "joining": joining},
            created_by=world.member.user_id,
        ),
        session=session,
    )
    job = enqueue(world.member, world.consortium_id, "study", id_of(asked), {}, session=session)
    job.state = JobState.DONE
    session.add(job)


def _books(world: World, session: Session) -> dict[str, int]:
    """Charge every firm a fee of its own, and import one movement of the bank; a rival's bear marks."""
    manager, key = world.manager, world.consortium_id
    for firm, member in world.members.items():
        amount = VALUES_MINOR.get(firm, 1_234)
        text = firm if firm == "andina" else f"mark-{firm}-call"
        call = CallDraft(
            code=firm, text=text, value_date=day(0), due_on=day(9), amounts_minor={member: amount}, decision=text
        )
        entry = books.call_for_funds(manager, key, call, session=session)
    invoice = SupplierInvoice(supplier="mark-line", number="1", value_date=day(0), amount_minor=9, expense="mark-x")
    books.record_invoice(manager, key, invoice, session=session)
    content = f"date,text,amount,reference\n{day(0)},mark-payer,5,R-9\n".encode()
    bank.import_bank_file(manager, key, "bank.csv", content, session=session)
    return {"entry": entry, "movement": entry + 2}


def _give_an_alternative(plan_id: int, session: Session) -> None:
    """Let a plan have itself as its alternative."""
    stored_plan = session.get_one(StoredPlan, plan_id)
    problem, _ = problem_of(stored_plan.problem)
    plan, _ = read_plan_document(stored_plan.plan)
    one = AlternativePlan(
        wishes=(Wish(kind=WishKind.FEWEST_DEPARTURES),),
        plan=plan,
        lower_bound_minor=0,
        extra_cost_minor=0,
        measures=measures(problem, plan),
        changes=(),
    )
    found = quick_answers(problem, plan, stored_plan.plan_sha256)
    keep_answers(plan_id, replace(found, alternatives=(one,), wishes=()), session=session)


def _shared_things(world: World, code: str, session: Session) -> dict[str, Any]:
    manager, key = world.manager, world.consortium_id
    spare_member = members.register_member(
        manager, key, member_draft(code="mark-idle", name="mark-idle"), session=session
    )
    departure = tariffs.register_departure(manager, key, departure_draft(), session=session)
    spare = tariffs.register_departure(manager, key, departure_draft(code="S-2"), session=session)
    tariff = tariffs.register_tariff(manager, key, tariff_draft(), session=session)
    charge = tariffs.register_charge(manager, tariff, charge_draft(), session=session)
    password_hash = hash_password(PASSWORD)
    user = stored(AppUser(username=f"{code}-somebody", password_hash=password_hash), session=session)
    session.add(RoleGrant(user_id=id_of(user), consortium_id=key, role=Role.AGENCY))
    for actor in (world.manager, world.member, world.agency, world.auditor, world.administrator, world.nobody):
        session.get_one(AppUser, actor.user_id).password_hash = password_hash
    return {
        "consortium": key,
        "consortium_code": code,
        "spare_member": spare_member,
        "departure": departure,
        "spare_departure": spare,
        "tariff": tariff,
        "charge": charge,
        "user": id_of(user),
        "username": user.username,
    }
