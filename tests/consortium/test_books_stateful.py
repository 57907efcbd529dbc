"""The invariants of the books under any order of acts, as a machine that books, pays, reverses and imports.

A short run is part of the tests. CONSORTIUM_BOOKS_STEPS=10000 asks for so many steps on each database at hand:
``CONSORTIUM_BOOKS_STEPS=10000 pytest tests/consortium/test_books_stateful.py``.
"""

import os
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from consortium import queries
from consortium.books_drafts import (
    AssignDraft,
    BudgetMove,
    CallDraft,
    ExchangeDraft,
    FeeDraft,
    InvoiceDraft,
    PaymentDraft,
    RateDraft,
)
from consortium.database import ENVIRONMENT_NAME, engine, unit_of_work
from consortium.errors import InputError, StateError
from consortium.ledger_checks import check_books
from consortium.models import CostShare, Member, PooledShipment, ShipmentState
from consortium.services import bank, books, fees, rates, shipment_books
from optimizer.apportion import apportion
from tests.consortium.booked import standing
from tests.consortium.builders import FIRMS, make_world, store_plan_of
from tests.consortium.databases import KINDS, forget, fresh_database
from tests.consortium.loaded import loaded_shipment

STEPS = int(os.environ.get("CONSORTIUM_BOOKS_STEPS", "60"))
STEPS_IN_A_RUN = min(STEPS, 200)
START = date(2026, 1, 1)
AMOUNT = st.integers(1, 10**9)
FIRM = st.sampled_from(FIRMS)
DAYS = st.integers(0, 200)


class Books(RuleBasedStateMachine):
    """Acts on the books of one consortium; a model of plain sums beside them says what must stand there."""

    place: tuple[str, Path]

    @initialize()
    def begin(self) -> None:
        """Start with empty books, one agreed shipment, and rates of every day."""
        fresh = fresh_database(*self.place)
        assert fresh == os.environ[ENVIRONMENT_NAME]
        self.world = make_world()
        self.key, self.manager = self.world.consortium_id, self.world.manager
        with unit_of_work() as session:
            for member in session.exec(Member.__table__.select()):
                session.get_one(Member, member.id).joined_on = date(2020, 1, 1)
        self.shipment, _ = loaded_shipment(self.world)
        with unit_of_work() as session:
            session.get_one(PooledShipment, self.shipment).state = ShipmentState.AGREED
        for day in range(0, 201, 10):
            draft = RateDraft(
                on_date=START + timedelta(days=day), base="EUR", quote="USD", rate=f"1.{10 + day // 10}", source="test"
            )
            rates.record_rate(self.manager, self.key, draft)
        self.number = 0
        self.owed: Counter[str] = Counter()
        self.invoiced = 0
        self.budget: Counter[str] = Counter()
        self.bank_rows: list[str] = []
        self.open: list[int] = []
        self.undo: dict[int, dict[str, int]] = {}

    def teardown(self) -> None:
        """Ask the judge once more, and let go of the database."""
        with engine().connect() as connection:
            assert check_books(connection).findings == []
        forget(os.environ[ENVIRONMENT_NAME])

    def _next(self) -> str:
        self.number += 1
        return f"N-{self.number}"

    def _owes(self, firm: str, amount: int, seq: int | None = None) -> None:
        self.owed[firm] += amount
        if seq is not None:
            self.open.append(seq)
            self.undo[seq] = {firm: -amount}

    @rule(firm=FIRM, amount=AMOUNT, day=DAYS)
    def call(self, firm: str, amount: int, day: int) -> None:
        """Call for funds."""
        when = START + timedelta(days=day)
        amounts = {self.world.members[firm]: amount}
        draft = CallDraft(code=self._next(), text="call", value_date=when, due_on=when, amounts_minor=amounts)
        self._owes(firm, amount, books.call_for_funds(self.manager, self.key, draft))
        with pytest.raises(InputError):
            books.call_for_funds(self.manager, self.key, draft)

    @rule(firm=FIRM, amount=AMOUNT, day=DAYS, direction=st.sampled_from(["in", "out"]))
    def pay(self, firm: str, amount: int, day: int, direction: str) -> None:
        """Receive money of a member, or give some back."""
        draft = PaymentDraft(
            direction=direction,
            member_id=self.world.members[firm],
            value_date=START + timedelta(days=day),
            amount_minor=amount,
            reference=self._next(),
        )
        sign = -1 if direction == "in" else 1
        self._owes(firm, sign * amount, books.record_payment(self.manager, self.key, draft))

    @rule(amount=AMOUNT, day=DAYS, kind=st.sampled_from(["dues", "levy", "entry"]), twice=st.booleans())
    def charge(self, amount: int, day: int, kind: str, twice: bool) -> None:
        """Run a fee, perhaps twice."""
        first = date(2020, 1, 1) if kind == "entry" else START
        draft = FeeDraft(
            kind=kind,
            name=self._next(),
            first_on=first,
            last_on=START + timedelta(days=day),
            value_date=START + timedelta(days=day),
            amount_minor=amount,
        )
        before = standing()
        posted = fees.run_fee(self.manager, self.key, draft)
        after = standing()
        charged = {one: after.get(self._account(one), 0) - before.get(self._account(one), 0) for one in FIRMS}
        assert posted == sum(map(bool, charged.values()))
        assert sum(charged.values()) == (amount if kind == "levy" else amount * len(FIRMS))
        self.owed.update(charged)
        if twice:
            assert fees.run_fee(self.manager, self.key, draft) == 0

    @rule(pays=st.lists(st.integers(-(10**6), 10**9), min_size=3, max_size=3), day=DAYS)
    def agree_another_plan(self, pays: list[int], day: int) -> None:
        """Agree another plan and post the shares: only the difference, and once."""
        with unit_of_work() as session:
            plan = store_plan_of(self.shipment, session=session)
            shipment = session.get_one(PooledShipment, self.shipment)
            shipment.plan_id, shipment.state = plan, ShipmentState.AGREED
            shares = session.exec(CostShare.__table__.select().where(CostShare.__table__.c.plan_id == plan)).all()
            for share, amount in zip(shares, pays, strict=True):
                row = session.get_one(CostShare, share.id)
                row.cost_share_minor = row.pays_minor = amount
        when = START + timedelta(days=day)
        shipment_books.post_shares(self.manager, self.shipment, when)
        assert shipment_books.post_shares(self.manager, self.shipment, when) == 0
        self._take_over()

    @rule(amount=st.integers(-(10**8), 10**9).filter(bool), day=DAYS, foreign=st.booleans())
    def invoice(self, amount: int, day: int, foreign: bool) -> None:
        """Book an invoice or a credit note of the carrier, and share the difference."""
        draft = InvoiceDraft(
            supplier="Line",
            number=self._next(),
            value_date=START + timedelta(days=day),
            amount_minor=amount,
            currency="EUR" if foreign else None,
            shipment_id=self.shipment,
        )
        books.record_invoice(self.manager, self.key, draft)
        shipment_books.post_shares(self.manager, self.shipment, draft.value_date)
        shipment_books.true_up(self.manager, self.shipment, draft.value_date)
        assert shipment_books.true_up(self.manager, self.shipment, draft.value_date) == 0
        assert f"accrued/shipment-{self.shipment}" not in standing()  # P8, P10: shares are what it cost
        self._take_over()

    @rule(amount=AMOUNT, day=DAYS)
    def exchange(self, amount: int, day: int) -> None:
        """Buy euros, then pay the carrier in euros."""
        when = START + timedelta(days=day)
        changed = ExchangeDraft(
            value_date=when,
            from_currency="USD",
            from_minor=amount,
            to_currency="EUR",
            to_minor=max(1, amount * 9 // 10),
        )
        books.exchange_money(self.manager, self.key, changed)
        paid = PaymentDraft(
            direction="out", supplier="Line", value_date=when, amount_minor=max(1, amount // 2), currency="EUR",
            reference=self._next(),
        )  # fmt: skip
        books.record_payment(self.manager, self.key, paid)

    @rule(day=DAYS)
    def apply(self, day: int) -> None:
        """Set advances against shares; a second time there is nothing to do."""
        books.apply_advances(self.manager, self.key, START + timedelta(days=day))
        assert books.apply_advances(self.manager, self.key, START + timedelta(days=day)) == 0
        self._take_over()

    @precondition(lambda self: self.open)
    @rule(data=st.data(), day=DAYS)
    def take_back(self, data: st.DataObject, day: int) -> None:
        """Reverse an entry: every account is where it was; a second time is refused."""
        seq = data.draw(st.sampled_from(self.open))
        before = standing()
        books.reverse_entry(self.manager, self.key, seq, START + timedelta(days=day), "mistake")
        for firm, amount in self.undo[seq].items():
            self.owed[firm] += amount
        self.open.remove(seq)
        entry, mirror = (
            one for one in queries.journal(self.manager, self.key, limit=1_000) if seq in (one.seq, one.reverses)
        )
        assert Counter({one.code: -one.amount_minor for one in entry.lines}) == Counter(
            {one.code: one.amount_minor for one in mirror.lines}
        )
        assert before != standing()
        with pytest.raises(StateError):
            books.reverse_entry(self.manager, self.key, seq, START + timedelta(days=day), "again")

    @rule(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=5), data=st.data())
    def bank_file(self, rows: list[tuple[int, int]], data: st.DataObject) -> None:
        """Import the next movements, then any part of all of them again: each is booked once, twins too."""
        for day, amount in rows:
            self.bank_rows.append(f"2026-02-{len(self.bank_rows) % 20 + 1 + day:02},fee,{amount}")
        lines = [f"{line},{number}" for number, line in enumerate(self.bank_rows)]
        low = data.draw(st.integers(0, len(lines) - 1))
        for part in (lines, lines[low:]):
            content = "date,text,amount,balance\n" + "\n".join(part)
            found = bank.import_bank_file(self.manager, self.key, "bank.csv", content.encode(), bank="file")
            assert not found.doubtful
        total = sum(int(line.split(",")[2]) * 100 for line in self.bank_rows)
        assert standing().get("bank/file", 0) == total  # P4

    @rule(firm=FIRM)
    def assign(self, firm: str) -> None:
        """Assign the newest movement of the bank that is left."""
        for entry in queries.journal(self.manager, self.key, limit=1_000):
            if entry.kind == "bank" and entry.reversed_by is None:
                try:
                    bank.assign_movement(
                        self.manager, self.key, entry.seq, AssignDraft(member_id=self.world.members[firm])
                    )
                except StateError:
                    continue
                self.owed[firm] -= next(one.amount_minor for one in entry.lines if one.kind == "bank")
                return

    @rule(amount=AMOUNT, stages=st.permutations(["budget", "available", "requested", "ordered", "actual"]), day=DAYS)
    def budget_moves(self, amount: int, stages: list[str], day: int) -> None:
        """Approve, promote or release an amount of a budget line, as far as the stage holds it."""
        start, end = stages[:2]
        draft = BudgetMove(
            line="space", from_stage=start, to_stage=end, amount_minor=amount, value_date=START + timedelta(days=day)
        )
        if start != "budget" and self.budget[start] < amount:
            with pytest.raises(StateError):
                fees.move_budget(self.manager, self.key, draft)
            return
        fees.move_budget(self.manager, self.key, draft)
        self.budget[start] -= amount
        self.budget[end] += amount

    @rule(
        amount=st.integers(-(10**9), 10**9),
        weights=st.lists(st.fractions(0, 100), min_size=1, max_size=8).filter(any),
    )
    def split(self, amount: int, weights: list[Fraction]) -> None:
        """P5: shares sum to the amount, each within a unit of its quota, nothing without a weight."""
        named = {str(number): weight for number, weight in enumerate(weights)}
        parts = apportion(amount, named, tie_key="x")
        assert sum(parts.values()) == amount
        total = sum(weights)
        for name, weight in named.items():
            assert abs(parts[name] - weight * amount / total) < 1
            assert weight or not parts[name]
        assert apportion(amount, dict(reversed(named.items())), tie_key="x") == parts

    def _account(self, firm: str) -> str:
        return f"member/{self.world.members[firm]}"

    def _take_over(self) -> None:
        found = standing()
        self.owed = Counter({firm: found.get(self._account(firm), 0) for firm in FIRMS})

    @invariant()
    def accounts_are_what_was_done(self) -> None:
        """P2, P6, P7: the trial balance is zero, statements close on the accounts, budgets are in one stage."""
        if not hasattr(self, "owed"):
            return
        found = standing()
        assert {firm: found.get(self._account(firm), 0) for firm in FIRMS} == {firm: self.owed[firm] for firm in FIRMS}
        for day in (None, START + timedelta(days=100)):
            trial = queries.trial_balance(self.manager, self.key, day)
            assert sum(one.base_minor for one in trial.money) == 0
            assert sum(one.amount_minor for one in trial.memo) == 0
        stages = {
            stage: found.get(f"memo_{stage}/space", 0) for stage in ("available", "requested", "ordered", "actual")
        }
        assert stages == {stage: self.budget[stage] for stage in stages}
        assert stages["available"] == -found.get("memo_budget/space", 0) - sum(
            stages[stage] for stage in ("requested", "ordered", "actual")
        )
        firm = FIRMS[self.number % len(FIRMS)]
        view = queries.member_statement(self.manager, self.world.members[firm], START + timedelta(days=50))
        for section in view.sections:
            moved = section.charged_minor + section.called_minor - section.paid_minor + section.other_minor
            assert section.opening_minor + moved == section.closing_minor
            sign = -1 if section.account_kind in ("advance", "deposit") else 1
            assert sign * section.closing_minor == found.get(f"{section.account_kind}/{self.world.members[firm]}", 0)

    @invariant()
    def the_judge_finds_nothing(self) -> None:
        """P1, P3: every entry balances, and both chains hold; asked at every tenth step, since it reads everything."""
        self.steps = getattr(self, "steps", 0) + 1
        if self.steps % 10 == 0:
            with engine().connect() as connection:
                assert check_books(connection).findings == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_books_hold_whatever_is_done(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_NAME, fresh_database(kind, tmp_path))
    monkeypatch.setattr(Books, "place", (kind, tmp_path), raising=False)  # where each run begins afresh
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=STEPS // STEPS_IN_A_RUN + 1,  # the first run is a short one
            stateful_step_count=STEPS_IN_A_RUN,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
