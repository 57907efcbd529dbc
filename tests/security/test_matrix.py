"""Every public service and query x every role x own, rival's, foreign and unknown targets, from a table written here.

The table is not derived from `consortium.permissions`: it says what must be, one letter per target:
Y allowed, F forbidden, N there is no such thing, - allowed and nothing there. What is another consortium's is as
unknown as what does not exist, so that no id tells what else there is.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from argon2 import PasswordHasher
from pypdf import PdfReader
from sqlalchemy import event, func, update
from sqlmodel import Session, col, select

import consortium.queries
import consortium.services
from consortium import exporting, importing, queries
from consortium.books_drafts import (
    AssignDraft,
    BudgetMove,
    CallDraft,
    ExchangeDraft,
    FeeDraft,
    PaymentDraft,
    RateDraft,
)
from consortium.books_drafts import InvoiceDraft as SupplierInvoice
from consortium.database import ENVIRONMENT_NAME, engine
from consortium.documents.papers import LOAD_PAPERS, MASS_PAPER
from consortium.drafts_rules import InvoiceDraft, RuleDraft, TermsDraft
from consortium.errors import NotFoundError
from consortium.migrating import migrate
from consortium.models import AuditEvent, Member, Role
from consortium.permissions import Actor, ForbiddenError
from consortium.services import (
    access,
    answers,
    bank,
    books,
    certificates,
    documents,
    fees,
    invoices,
    jobs,
    load_papers,
    manual_loads,
    members,
    orders,
    owner_prices,
    pallet_loads,
    passwords,
    planning,
    rates,
    rules,
    settlement,
    shared_links,
    shipment_books,
    shipments,
    statements,
    studies,
    tariffs,
)
from consortium.study_questions import StudyDraft
from tests.consortium.builders import (
    World,
    charge_draft,
    consortium_draft,
    day,
    departure_draft,
    member_draft,
    order_draft,
    product_draft,
    shipment_draft,
    tariff_draft,
)
from tests.consortium.databases import KINDS, empty_postgresql_database, forget, fresh_database
from tests.security.matrix_world import MARKS, PASSWORD, Target, build, unknown

ROLES = ("manager", "member", "agency", "auditor", "administrator", "nobody")
TARGETS = ("mine", "rival", "foreign", "unknown")

Call = Callable[[Actor, Target, Session], Any]
Arguments = Callable[[Target], tuple[Any, ...]]


@dataclass(frozen=True)
class Row:
    """One way to call a function, and what each role gets for the targets mine, rival's, foreign, unknown."""

    function: Callable[..., Any]
    call: Call
    manager: str
    member: str
    agency: str
    auditor: str
    administrator: str
    nobody: str
    case: str = ""

    @property
    def name(self) -> str:
        return f"{self.function.__module__.removeprefix('consortium.')}.{self.function.__name__}{self.case}"


def row(function: Callable[..., Any], arguments: Arguments, outcomes: str, case: str = "") -> Row:
    """Return a row; `outcomes` are those of the roles in the order of `ROLES`."""

    def call(actor: Actor, target: Target, session: Session) -> Any:
        return function(actor, *arguments(target), session=session)

    return Row(function, call, *outcomes.split(), case=case)


def nothing(_: Target) -> tuple[Any, ...]:
    return ()


def consortium_(target: Target) -> tuple[Any, ...]:
    return (target.consortium,)


def shipment_(state: str) -> Arguments:
    return lambda target: (target.shipments[state],)


def bench(target: Target) -> tuple[Any, ...]:
    return target.shipments["loaded"], target.loaded_plan, "K-1"


DECISION = RuleDraft(rule="equal", decided_on=day(-1), valid_from=day(-1), text="Equal parts.", votes_for=4)
INVOICE = InvoiceDraft(
    reference="F-2",
    invoice_date=day(0),
    currency="USD",
    invoice_lines=({"charge_code": "OFR", "amount_minor": 10_000, "closes": False},),
)
PIN_THE_FIRST = manual_loads.ChangeDraft(act=manual_loads.Act.PIN, numbers=(1,))


def new_order(target: Target) -> Any:
    return order_draft(code="NEW", member_id=target.member)


# Reads                        function, arguments, manager member agency auditor administrator nobody
READS = [
    row(queries.consortia, nothing, "YYYY YYYY YYYY YYYY YYYY YYYY"),
    row(queries.home, consortium_, "YYNN YYNN YYNN YYNN FFFF FFFF"),
    row(queries.members, consortium_, "YYNN FFFF FFFF YYNN YYYN FFFF"),
    row(queries.products, lambda t: (t.member,), "YYNN YNNN FFFF YYNN FFFF FFFF"),
    row(queries.orders, consortium_, "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.order, lambda t: (t.order,), "YYNN YNNN FFFF YYNN FFFF FFFF"),
    row(queries.gatherable_orders, shipment_("open"), "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(queries.departures, consortium_, "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.tariffs, consortium_, "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(queries.shipments, consortium_, "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.shipment, shipment_("open"), "YYNN YYNN FFFF YYNN FFFF FFFF", " open"),
    row(queries.shipment, shipment_("planned"), "YYNN YYNN FFFF YYNN FFFF FFFF", " planned"),
    row(queries.plan, shipment_("planned"), "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(queries.member_plan, shipment_("planned"), "FFNN YYNN FFFF FFNN FFFF FFFF", " of four"),
    row(queries.member_plan, shipment_("agreed"), "FFNN YYNN FFFF FFNN FFFF FFFF", " of two"),
    row(queries.load_choices, shipment_("planned"), "YYNN YYNN FFFF YYNN FFFF FFFF", " of four"),
    row(queries.load_choices, shipment_("agreed"), "YYNN YYNN FFFF YYNN FFFF FFFF", " of two"),
    row(queries.load_view, lambda t: (t.shipments["planned"], 1), "YYNN YYNN FFFF YYNN FFFF FFFF", " of four"),
    row(queries.load_view, lambda t: (t.shipments["agreed"], 1), "YYNN YYNN FFFF YYNN FFFF FFFF", " of two"),
    row(queries.plan_answers, shipment_("planned"), "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(queries.owner_levels, shipment_("planned"), "--NN FFFF FFFF --NN FFFF FFFF"),
    row(queries.member_answers, shipment_("planned"), "FFNN YYNN FFFF FFNN FFFF FFFF"),
    row(queries.cost_shares, shipment_("planned"), "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.rules, consortium_, "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.shipment_rule, shipment_("planned"), "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.replays, consortium_, "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.invoices, shipment_("agreed"), "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.studies, shipment_("planned"), "YYNN YYNN FFFF YYNN FFFF FFFF"),
    row(queries.studies, shipment_("loaded"), "YYNN YYNN FFFF YYNN FFFF FFFF", " of a manager"),
    row(queries.study_choices, shipment_("planned"), "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(queries.member_certificate, lambda t: (t.shipments["planned"], t.member), "YYNN YNNN FFFF YYNN FFFF FFFF"),
    row(queries.shared_links, shipment_("loaded"), "YYNN FFFF FFFF FFFF FFFF FFFF"),
    row(queries.manual_load, lambda t: (t.shipments["loaded"], "K-1"), "YYNN FFFF FFFF FFFF FFFF FFFF"),
    row(queries.audit_events, consortium_, "FFFF FFFF FFFF YYNN FFFF FFFF"),
    row(jobs.job, lambda t: (t.job,), "YYNN NNNN NNNN NNNN NNNN NNNN"),
    row(jobs.latest_job, shipment_("planned"), "YY-- ---- ---- ---- ---- ----"),
    row(
        documents.shipment_document,
        lambda t: (t.shipments["planned"], "plan.json"),
        "YYNN FFFF FFFF YYNN FFFF FFFF",
    ),
]


def exported(kind: str, outcomes: str) -> Row:
    """Return a row whose answer is the text of every part of an exported workbook."""

    def call(actor: Actor, target: Target, session: Session) -> str:
        content = exporting.export_rows(actor, target.consortium, kind, session=session)
        with ZipFile(BytesIO(content)) as parts:
            return "".join(parts.read(name).decode() for name in parts.namelist())

    return Row(exporting.export_rows, call, *outcomes.split(), case=f" {kind}")


READS += [
    exported("members", "YYNN FFFF FFFF YYNN FFFF FFFF"),
    exported("products", "YYNN YYNN FFFF YYNN FFFF FFFF"),
    exported("orders", "YYNN YYNN FFFF YYNN FFFF FFFF"),
    exported("tariffs", "YYNN FFFF FFFF YYNN FFFF FFFF"),
]


def paper(name: str, outcomes: str) -> Row:
    """Return a row whose answer is what a paper of the first container says."""

    def call(actor: Actor, target: Target, session: Session) -> str:
        found = load_papers.shipment_load_paper(actor, target.shipments["loaded"], 1, name, {}, session=session)
        if name.endswith(".pdf"):
            return "".join(page.extract_text() for page in PdfReader(BytesIO(found.content)).pages)
        with ZipFile(BytesIO(found.content)) as parts:
            return "".join(parts.read(name).decode() for name in parts.namelist())

    return Row(load_papers.shipment_load_paper, call, *outcomes.split(), case=f" {name}")


READS += [
    row(queries.load_choices, shipment_("loaded"), "YYNN YYNN FFFF YYNN FFFF FFFF", " loaded"),
    row(queries.load_view, lambda t: (t.shipments["loaded"], 1), "YYNN YYNN FFFF YYNN FFFF FFFF", " loaded"),
    *(paper(name, "YYNN YYNN FFFF YYNN FFFF FFFF") for name in LOAD_PAPERS if name != MASS_PAPER),
    paper(MASS_PAPER, "YYNN FFFF FFFF YYNN FFFF FFFF"),
]

READS += [
    row(queries.member_statement, lambda t: (t.member,), "YYNN YNNN FFFF YYNN FFFF FFFF"),
    row(queries.trial_balance, consortium_, "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(queries.journal, consortium_, "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(settlement.settlement, lambda t: (t.consortium, "S-1"), "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(queries.arrears, lambda t: (t.consortium, day(20)), "YYNN FFFF FFFF YYNN FFFF FFFF"),
    row(statements.trial_balance_file, lambda t: (t.consortium, {}), "YYNN FFFF FFFF YYNN FFFF FFFF"),
    *(
        row(statements.statement_file, lambda t, n=name: (t.member, n, {}), "YYNN YNNN FFFF YYNN FFFF FFFF", f" {name}")
        for name in statements.STATEMENTS
    ),
]


def part(name: str, outcomes: str) -> Row:
    """Return a row whose answer is what a member's part of a certificate says."""

    def call(actor: Actor, target: Target, session: Session) -> str:
        where = (target.shipments["planned"], target.member, name)
        found = certificates.member_certificate_file(actor, *where, {}, session=session)
        if name.endswith(".pdf"):
            return "".join(page.extract_text() for page in PdfReader(BytesIO(found.content)).pages)
        return found.content.decode()

    return Row(certificates.member_certificate_file, call, *outcomes.split(), case=f" {name}")


READS += [part(name, "YYNN YNNN FFFF YYNN FFFF FFFF") for name in certificates.MEMBER_CERTIFICATES]

MANAGERS_ONLY = "YYNN FFFF FFFF FFFF FFFF FFFF"
MANAGERS_AND_OWN = "YYNN YNNN FFFF FFFF FFFF FFFF"

ACTS = [
    row(members.register_member, lambda t: (t.consortium, member_draft()), MANAGERS_ONLY),
    row(members.change_member, lambda t: (t.spare_member, member_draft()), MANAGERS_ONLY),
    row(members.end_membership, lambda t: (t.spare_member, day(0)), MANAGERS_ONLY),
    row(orders.enter_order, lambda t: (t.consortium, new_order(t)), MANAGERS_AND_OWN),
    row(orders.change_order, lambda t: (t.order, order_draft(code="NEW")), MANAGERS_AND_OWN),
    row(orders.change_order, lambda t: (t.gathered_order, order_draft(code="NEW")), MANAGERS_AND_OWN, " gathered"),
    row(orders.withdraw_order, lambda t: (t.order,), MANAGERS_AND_OWN),
    row(orders.withdraw_order, lambda t: (t.gathered_order,), MANAGERS_AND_OWN, " gathered"),
    row(orders.register_product, lambda t: (t.member, product_draft(code="NEW")), MANAGERS_AND_OWN),
    row(orders.change_product, lambda t: (t.product, product_draft(code="NEW")), MANAGERS_AND_OWN),
    row(tariffs.register_departure, lambda t: (t.consortium, departure_draft(code="NEW")), MANAGERS_ONLY),
    row(tariffs.change_departure, lambda t: (t.departure, departure_draft(code="NEW")), MANAGERS_ONLY),
    row(tariffs.remove_departure, lambda t: (t.spare_departure,), MANAGERS_ONLY),
    row(tariffs.register_tariff, lambda t: (t.consortium, tariff_draft(code="NEW")), MANAGERS_ONLY),
    row(tariffs.change_tariff, lambda t: (t.tariff, tariff_draft(code="NEW")), MANAGERS_ONLY),
    row(tariffs.register_charge, lambda t: (t.tariff, charge_draft(code="NEW")), MANAGERS_ONLY),
    row(tariffs.change_charge, lambda t: (t.charge, charge_draft(code="NEW")), MANAGERS_ONLY),
    row(tariffs.remove_charge, lambda t: (t.charge,), MANAGERS_ONLY),
    row(shipments.open_shipment, lambda t: (t.consortium, shipment_draft(code="NEW")), MANAGERS_ONLY),
    row(shipments.change_shipment, lambda t: (t.shipments["open"], shipment_draft(code="NEW")), MANAGERS_ONLY),
    row(shipments.gather, lambda t: (t.shipments["open"], [t.order]), MANAGERS_ONLY),
    row(shipments.drop, lambda t: (t.shipments["open"], [t.gathered_order]), MANAGERS_ONLY),
    row(shipments.freeze, shipment_("open"), MANAGERS_ONLY),
    row(shipments.reopen, shipment_("planned"), MANAGERS_ONLY),
    row(shipments.agree, lambda t: (t.shipments["planned"], t.plan), MANAGERS_ONLY),
    row(shipments.mark_shipped, shipment_("agreed"), MANAGERS_ONLY),
    row(planning.request_plan, shipment_("frozen"), MANAGERS_ONLY),
    row(planning.store_plan, lambda t: (t.shipments["frozen"], t.made), MANAGERS_ONLY),
    row(answers.request_answers, shipment_("planned"), MANAGERS_ONLY),
    row(owner_prices.request_owner_prices, shipment_("planned"), MANAGERS_ONLY),
    row(answers.adopt_alternative, lambda t: (t.shipments["replaced"], t.plan_to_replace, 0), MANAGERS_ONLY),
    row(
        studies.request_study,
        lambda t: (t.shipments["planned"], StudyDraft(kind="leaves", member=t.firm)),
        "YYNN YFNN FFFF FFNN FFFF FFFF",
    ),
    row(
        studies.request_study,
        lambda t: (t.shipments["planned"], StudyDraft(kind="methods")),
        "YYNN FFNN FFFF FFNN FFFF FFFF",
        " about everybody",
    ),
    row(studies.cancel_study, lambda t: (t.study,), "YYNN NNNN FFFF NNNN FFFF FFFF"),
    row(
        shared_links.make_link,
        lambda t: (t.shipments["loaded"], t.loaded_plan, shared_links.LinkDraft(container="K-1")),
        MANAGERS_ONLY,
    ),
    row(
        pallet_loads.request_pallets,
        lambda t: (t.shipments["loaded"], t.loaded_plan, "K-1", None),
        MANAGERS_ONLY,
    ),
    row(shared_links.revoke_link, lambda t: (t.link,), MANAGERS_ONLY),
    row(manual_loads.change_load, lambda t: (*bench(t), PIN_THE_FIRST), MANAGERS_ONLY),
    row(manual_loads.undo_change, bench, MANAGERS_ONLY),
    row(manual_loads.discard_changes, bench, MANAGERS_ONLY),
    row(manual_loads.request_solve, bench, MANAGERS_ONLY),
    row(manual_loads.save_load, bench, MANAGERS_ONLY),
    row(rules.decide_rule, lambda t: (t.consortium, DECISION), MANAGERS_ONLY),
    row(rules.withdraw_rule, lambda t: (t.rule,), MANAGERS_ONLY),
    row(rules.request_replay, lambda t: (t.consortium, TermsDraft(rule="equal")), MANAGERS_ONLY),
    row(invoices.enter_invoice, lambda t: (t.shipments["agreed"], INVOICE), MANAGERS_ONLY),
    row(jobs.cancel_job, lambda t: (t.job,), "YYNN NNNN NNNN NNNN NNNN NNNN"),
]

IN_BOOKS = {"value_date": day(0), "amount_minor": 5}
PERIOD = {"first_on": day(0), "last_on": day(9)}


def bank_file(target: Target) -> tuple[Any, ...]:
    return target.consortium, "new.csv", f"date,amount,reference\n{day(0)},7,R-1\n".encode()


def in_books(function: Callable[..., Any], draft: Callable[[Target], Any]) -> Row:
    return row(function, lambda t: (t.consortium, draft(t)), MANAGERS_ONLY)


ACTS += [
    row(shipment_books.post_shares, lambda t: (t.shipments["agreed"], day(0)), MANAGERS_ONLY),
    row(shipment_books.true_up, lambda t: (t.shipments["agreed"], day(0)), MANAGERS_ONLY),
    in_books(
        books.call_for_funds,
        lambda t: CallDraft(code="NEW", text="x", value_date=day(0), due_on=day(1), amounts_minor={t.member: 5}),
    ),
    in_books(books.apply_advances, lambda _: day(0)),
    in_books(books.record_invoice, lambda _: SupplierInvoice(supplier="x", number="1", expense="x", **IN_BOOKS)),
    in_books(books.record_payment, lambda _: PaymentDraft(direction="out", supplier="x", **IN_BOOKS)),
    in_books(
        books.exchange_money,
        lambda _: ExchangeDraft(value_date=day(0), from_currency="USD", from_minor=1, to_currency="EUR", to_minor=1),
    ),
    row(settlement.execute_transfer, lambda t: (t.consortium, "S-1", 1, day(0)), MANAGERS_ONLY),
    row(books.reverse_entry, lambda t: (t.consortium, t.entry, day(0), "why"), MANAGERS_ONLY),
    in_books(books.close_period, lambda _: day(-9)),
    row(bank.import_bank_file, bank_file, MANAGERS_ONLY),
    row(
        bank.assign_movement,
        lambda t: (t.consortium, t.movement, AssignDraft(income="x")),
        MANAGERS_ONLY,
    ),
    in_books(fees.run_fee, lambda _: FeeDraft(kind="dues", name="x", **PERIOD, **IN_BOOKS)),
    in_books(
        fees.move_budget,
        lambda _: BudgetMove(line="x", from_stage="budget", to_stage="available", **IN_BOOKS),
    ),
    row(rates.import_rates, lambda t: (t.consortium, "x.csv", b"Date,USD\n2026-03-02,1.1\n"), MANAGERS_ONLY),
    in_books(rates.record_rate, lambda _: RateDraft(on_date=day(0), base="EUR", quote="USD", rate="1.1", source="x")),
]

ADMINISTRATORS_ONLY = "FFFF FFFF FFFF FFFF YYYN FFFF"
ADMINISTRATORS_ALWAYS = "FFFF FFFF FFFF FFFF YYYY FFFF"
EVERYBODY = "YYYY YYYY YYYY YYYY YYYY YYYY"

ADMINISTRATION = [
    row(members.register_consortium, lambda _: (consortium_draft(code="NEW"),), ADMINISTRATORS_ALWAYS),
    row(access.create_user, lambda _: (access.UserDraft(username="newcomer"),), ADMINISTRATORS_ALWAYS),
    row(access.grant_role, lambda t: (t.user, t.consortium, Role.AUDITOR), ADMINISTRATORS_ONLY),
    row(access.grant_role, lambda t: (t.user, t.consortium, Role.MEMBER, t.member), ADMINISTRATORS_ONLY, " firm"),
    row(access.set_password, lambda t: (t.user,), ADMINISTRATORS_ONLY),
    row(access.disable_user, lambda t: (t.user,), ADMINISTRATORS_ONLY),
    row(access.revoke_role, lambda t: (t.user, t.consortium, Role.AGENCY), ADMINISTRATORS_ONLY),
    row(access.enable_user, lambda t: (t.user,), ADMINISTRATORS_ONLY),
    row(access.users, nothing, ADMINISTRATORS_ALWAYS),
    row(access.user_id_of, lambda t: (t.username,), ADMINISTRATORS_ONLY),
    row(access.place_of, lambda t: (t.consortium_code,), ADMINISTRATORS_ONLY),
    row(access.set_language, lambda _: ("pt",), EVERYBODY),
    row(access.change_own_password, lambda _: (PASSWORD, "another fine phrase"), EVERYBODY),
]


def imported(function: Callable[..., Any], kind: str, head: str, values: str, outcomes: str) -> Row:
    """Return a row that imports one line for the target's firm; a line that is refused counts as N."""

    def call(actor: Actor, target: Target, session: Session) -> Any:
        session.exec(update(Member).where(col(Member.id) == -1).values(name=""))  # begin, so that nothing is kept
        content = f"{head}\n{values.format(firm=target.firm)}\n".encode()
        report = function(actor, target.consortium, kind, "rows.csv", content, session=session)
        if report.refused:
            raise NotFoundError("firm", str(report.refused))
        return report

    return Row(function, call, *outcomes.split(), case=f" {kind}")


ORDER = f"{{firm}},NEW,COCTG,NLRTM,{day(10)},1000000,900000"
ORDER_HEAD = "member,code,origin,destination,ready_date,volume_cm3,mass_g"
FIRM = f"new,New,CO,{day(-9)}"

IMPORTS = [
    imported(importing.import_rows, "orders", ORDER_HEAD, ORDER, MANAGERS_AND_OWN),
    imported(importing.dry_run, "orders", ORDER_HEAD, ORDER, MANAGERS_AND_OWN),
    imported(importing.import_rows, "members", "code,name,country,joined_on", FIRM, MANAGERS_ONLY),
    imported(importing.dry_run, "members", "code,name,country,joined_on", FIRM, MANAGERS_ONLY),
]

ALL = [*READS, *ACTS, *IMPORTS, *ADMINISTRATION]


@dataclass(frozen=True)
class Matrix:
    """The actors of one consortium and what they reach for."""

    actors: dict[str, Actor]
    targets: dict[str, Target]
    world: World
    other: World


@pytest.fixture(scope="module", params=KINDS)
def matrix(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    if request.param == "postgresql":
        url = empty_postgresql_database()
        migrate(url)
    else:
        url = fresh_database("sqlite", tmp_path_factory.mktemp("matrix"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENVIRONMENT_NAME, url)
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        other, _, foreign = build("two")
        world, mine, rival = build("one")
        targets = {"mine": mine, "rival": rival, "foreign": foreign, "unknown": unknown(mine)}
        yield Matrix({role: getattr(world, role) for role in ROLES}, targets, world, other)
    forget(url)


def attempt(one: Row, actor: Actor, target: Target) -> tuple[str, str]:
    """Return the letter of what a call comes to, and everything that it lets the caller see; nothing is kept."""
    with Session(engine(), expire_on_commit=False) as session:
        try:
            found = one.call(actor, target, session)
        except ForbiddenError as refused:
            return "F", str(refused)
        except NotFoundError as refused:
            return "N", str(refused)
        finally:
            session.rollback()
    return "-" if found is None and one in READS else "Y", repr(found)


def outcomes_of(one: Row, actor: Actor, targets: dict[str, Target]) -> str:
    return "".join(attempt(one, actor, targets[name])[0] for name in TARGETS)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_every_role_gets_what_the_table_says(matrix: Matrix, one: Row):
    found = {role: outcomes_of(one, matrix.actors[role], matrix.targets) for role in ROLES}
    assert found == {role: getattr(one, role) for role in ROLES}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_what_is_foreign_is_as_unknown_as_what_does_not_exist(one: Row):
    for role in ROLES[:4]:
        _, _, foreign, nothing = getattr(one, role)
        assert foreign == nothing


@pytest.mark.parametrize("one", [*READS, *ACTS], ids=lambda one: one.name)
def test_power_in_one_consortium_is_none_in_another(matrix: Matrix, one: Row):
    member, manager_elsewhere = matrix.world.member, matrix.other.manager
    both = Actor(user_id=member.user_id, username="both", grants=member.grants + manager_elsewhere.grants)
    for name, expected in zip(TARGETS[:2], one.member[:2], strict=True):
        assert (attempt(one, both, matrix.targets[name])[0] == "Y") == (expected == "Y")


SEEING_NO_RIVAL = [
    (one, role)
    for one in [*READS, *ACTS]
    for role in ("member", "agency", "administrator", "nobody")
    if (one.function, role) != (queries.members, "administrator")  # who gives users their firms reads the firms' names
]


@pytest.mark.parametrize(("one", "role"), SEEING_NO_RIVAL, ids=[f"{one.name}-{role}" for one, role in SEEING_NO_RIVAL])
def test_nothing_of_a_rival_is_seen(matrix: Matrix, one: Row, role: str):
    for name in TARGETS:
        _, seen = attempt(one, matrix.actors[role], matrix.targets[name])
        assert [mark for mark in MARKS if mark in seen.casefold()] == []


def test_the_marks_are_there_for_those_who_may_see_them(matrix: Matrix):
    seen = [
        attempt(one, matrix.actors[role], matrix.targets[name])[1]
        for one in READS
        for role in ("manager", "auditor")
        for name in ("mine", "rival")
    ]
    whole = "".join(seen).casefold()
    assert [mark for mark in MARKS if mark not in whole] == []


def test_an_agency_sees_no_firm_at_all(matrix: Matrix):
    letter, seen = attempt(READS[1], matrix.actors["agency"], matrix.targets["mine"])
    assert letter == "Y"
    assert "andina" not in seen.casefold()
    assert "kaffee" not in seen.casefold()


QUIET = {access.users, access.user_id_of, access.place_of, access.set_language}
"""Reads, and a preference that concerns nobody else."""


@pytest.mark.parametrize(
    ("one", "role"),
    [
        pytest.param(one, role, id=one.name)
        for rows, role in ((ACTS, "manager"), (ADMINISTRATION, "administrator"))
        for one in rows
        if one.function not in QUIET
    ],
)
def test_every_act_leaves_an_event_and_the_commit_to_its_caller(matrix: Matrix, one: Row, role: str):
    actor = matrix.actors[role]
    commits: list[Session] = []
    with Session(engine(), expire_on_commit=False) as session:
        event.listen(session, "after_commit", commits.append)
        last = session.exec(select(func.max(AuditEvent.id))).one() or 0
        one.call(actor, matrix.targets["mine"], session)
        session.flush()
        events = session.exec(select(AuditEvent.action, AuditEvent.user_id).where(col(AuditEvent.id) > last)).all()
        session.rollback()
    assert one.function.__name__ in {action for action, _ in events}
    assert {user_id for _, user_id in events} == {actor.user_id}
    assert commits == []


def public_functions() -> dict[str, Callable[..., Any]]:
    """Return every function that somebody acts through: its first parameter is the actor."""
    names = [
        found.name
        for package in (consortium.services, consortium.queries)
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    functions = {}
    for module in map(importlib.import_module, [*names, "consortium.importing", "consortium.exporting"]):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and list(inspect.signature(function).parameters)[:1] == ["actor"]:
                functions[f"{module.__name__}.{name}"] = function
    return functions


INSIDE = {
    "consortium.services.audit.record",
    "consortium.services.jobs.enqueue",
    "consortium.services.manual_loads.hold_container",
    "consortium.services.manual_loads.put_in_force",
    "consortium.queries.members.view_of_consortium",
    "consortium.queries.orders.visible_firms",
    "consortium.queries.shipments.views_of_shipments",
}
"""Parts of services and queries that work on what was reached already; a page cannot call them."""


def test_every_public_function_is_in_the_table():
    tested = {f"{one.function.__module__}.{one.function.__name__}" for one in ALL}
    assert set(public_functions()) - INSIDE == tested


@pytest.mark.parametrize("name", sorted(INSIDE))
def test_what_is_inside_cannot_open_a_unit_of_work_of_its_own(name: str):
    function = public_functions()[name]
    assert not hasattr(function, "__wrapped__")
    session = inspect.signature(function).parameters.get("session")
    assert session is None or session.default is inspect.Parameter.empty
