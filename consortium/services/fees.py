"""Fees of the consortium: for entering, dues of a period, commission on what left, levies; budgets in the memo journal.

A run may be repeated at any time: it brings each member to what it owes now, so that whoever joined since is charged,
whoever left pays for its days only, and everybody else sees nothing new.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import func
from sqlmodel import Session, col, select

from consortium import ledger
from consortium.books_drafts import BudgetMove, FeeDraft, FeeKind, Stage
from consortium.database import in_transaction, need
from consortium.errors import StateError
from consortium.ledger import EntryDraft, Line
from consortium.models import AccountKind, EntryKind, Member, Order, OrderState
from consortium.permissions import Actor
from consortium.reach import id_of
from consortium.services.bookkeeping import book, difference, member_account, next_key, open_books
from optimizer.apportion import apportion
from optimizer.units import PPM, round_half_up


@in_transaction
def run_fee(actor: Actor, consortium_id: int, draft: FeeDraft, *, session: Session | None = None) -> int:
    """Charge members a fee of a period; a repeated run posts only what is new.

    Returns
    -------
    int
        How many entries were written: one for each member for whom something changed.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``period_closed``.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    income = ledger.account(
        consortium_id, AccountKind.INCOME, draft.name, consortium.currency, session=session, label=draft.name
    )
    query = select(Member).where(Member.consortium_id == consortium_id).order_by(col(Member.id))
    members = list(session.exec(query))
    drafts = []
    for member_id, amount in _amounts(draft, members, session).items():
        owes = member_account(consortium_id, AccountKind.MEMBER, member_id, consortium.currency, session)
        topic = f"fee/{draft.name}/{_period(draft)}{member_id}"
        if lines := difference(topic, {owes: amount, income: -amount}, consortium_id, session):
            drafts.append(
                EntryDraft(
                    kind=EntryKind.FEE,
                    value_date=draft.value_date,
                    due_on=draft.due_on,
                    text=draft.text or draft.name,
                    lines=lines,
                    topic=topic,
                    source_key=next_key(topic, consortium_id, session),
                    cites={"fee": draft.model_dump(mode="json")},
                )
            )
    return len(
        book(consortium_id, actor, "run_fee", f"fee {draft.name}", drafts, draft.model_dump(mode="json"), session)
    )


@in_transaction
def move_budget(actor: Actor, consortium_id: int, draft: BudgetMove, *, session: Session | None = None) -> int:
    """Move an amount of a budget line from one stage to another, in the memo journal: no money moves.

    Approving a budget moves it from `budget` to `available`; cancelling an order moves it back to `available`.

    Returns
    -------
    int
        The number of the entry.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``budget_exceeded`` when the stage does not hold so much, ``period_closed``.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    given, taken = (
        ledger.account(consortium_id, _MEMO[stage], draft.line, consortium.currency, session=session, label=draft.line)
        for stage in (draft.from_stage, draft.to_stage)
    )
    if draft.from_stage is not Stage.BUDGET:
        held, _ = ledger.balances([given], session)[given]
        if held < draft.amount_minor:
            raise StateError("budget_exceeded", {"line": draft.line, "held": held, "found": draft.amount_minor})
    entry = EntryDraft(
        kind=EntryKind.BUDGET,
        value_date=draft.value_date,
        text=draft.text or draft.line,
        lines=[Line(taken, draft.amount_minor), Line(given, -draft.amount_minor)],
        topic=f"budget/{draft.line}",
        cites={"decision": draft.decision} if draft.decision else {},
    )
    detail = draft.model_dump(mode="json")
    return book(consortium_id, actor, "move_budget", f"budget {draft.line}", [entry], detail, session)[0].seq


_MEMO = {
    Stage.BUDGET: AccountKind.MEMO_BUDGET,
    Stage.AVAILABLE: AccountKind.MEMO_AVAILABLE,
    Stage.REQUESTED: AccountKind.MEMO_REQUESTED,
    Stage.ORDERED: AccountKind.MEMO_ORDERED,
    Stage.ACTUAL: AccountKind.MEMO_ACTUAL,
}


def days_within(member: Member, first_on: date, last_on: date) -> int:
    """Return on how many days of a period somebody was a member; the day of leaving is no longer one."""
    start = max(member.joined_on, first_on)
    end = last_on if member.left_on is None else min(member.left_on - timedelta(days=1), last_on)
    return max(0, (end - start).days + 1)


def _period(draft: FeeDraft) -> str:
    """Return the part of a topic that tells runs apart; entering happens once, whatever the period."""
    return "" if draft.kind is FeeKind.ENTRY else f"{draft.first_on}/{draft.last_on}/"


def _amounts(draft: FeeDraft, members: list[Member], session: Session) -> dict[int, int]:
    """Return member -> what it owes of this fee."""
    if draft.kind is FeeKind.LEVY:
        inside = {str(id_of(one)): 1 for one in members if days_within(one, draft.first_on, draft.last_on)}
        key = f"{draft.name}|{draft.first_on}"
        parts = apportion(draft.amount_minor, inside, tie_key=key) if inside else {}
        return {int(member): amount for member, amount in parts.items()}
    if draft.kind is FeeKind.COMMISSION:
        return dict(_commissions(draft, members, session))
    if draft.kind is FeeKind.ENTRY:
        return {id_of(one): draft.amount_minor for one in members if draft.first_on <= one.joined_on <= draft.last_on}
    total = (draft.last_on - draft.first_on).days + 1
    return {
        id_of(one): round_half_up(Fraction(draft.amount_minor * days_within(one, draft.first_on, draft.last_on), total))
        for one in members
    }


def _commissions(draft: FeeDraft, members: list[Member], session: Session) -> Iterator[tuple[int, int]]:
    """Yield what each member owes of the value of its orders that left and were ready within the period."""
    query = (
        select(Order.member_id, func.sum(Order.value_minor))
        .where(
            col(Order.member_id).in_([id_of(one) for one in members]),
            Order.state == OrderState.SHIPPED,
            Order.ready_date >= draft.first_on,
            Order.ready_date <= draft.last_on,
        )
        .group_by(col(Order.member_id))
        .order_by(col(Order.member_id))
    )
    for member_id, value in session.exec(query):
        yield member_id, round_half_up(Fraction(int(value) * draft.rate_ppm, PPM))
