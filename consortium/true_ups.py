"""What a shipment was estimated to cost and what was invoiced since: from stored records to the library's slots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlmodel import Session, col, select

from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import (
    CarrierInvoice,
    CarrierInvoiceLine,
    CostShare,
    Member,
    PooledShipment,
    StoredPlan,
)
from consortium.rules_in_force import terms_of
from optimizer.allocation.true_up import Estimate, estimate_of, split_among_causes, true_up
from optimizer.problem import ConsolidationProblem
from optimizer.problem_sharing import class_of
from optimizer.result_true_up import InvoicedAmount, SlotId, TrueUp


@dataclass(frozen=True, kw_only=True)
class Books:
    """A shipment's estimate with everything invoiced so far.

    Parameters
    ----------
    members
        Code of each member that shares the cost -> the member.
    shares
        Code -> its share of the estimate.
    invoices
        By number; `lines` are theirs by invoice id.
    """

    plan_id: int
    tie_key: str
    problem: ConsolidationProblem
    estimate: Estimate
    members: dict[str, Member]
    shares: dict[str, CostShare]
    invoices: list[CarrierInvoice]
    lines: dict[int, list[CarrierInvoiceLine]]

    def standing(self, *, without: int | None = None) -> list[CarrierInvoice]:
        """Return the invoices that count: those that no other replaces, and not the one with the id `without`."""
        gone = {one.replaces_id for one in self.invoices} | {without}
        return [one for one in self.invoices if one.id not in gone]

    def amounts(self, invoices: Iterable[CarrierInvoice]) -> list[InvoicedAmount]:
        """Return what invoices claim, slot by slot."""
        return [amount for one in invoices for amount in self.amounts_of(self.lines.get(one.id or 0, ()), one.number)]

    def amounts_of(self, lines: Sequence[CarrierInvoiceLine], number: int) -> list[InvoicedAmount]:
        """Return what the lines of the invoice with a number claim; what several caused is split in equal parts."""
        found = []
        for line in lines:
            slot = SlotId(charge_class=line.charge_class, code=line.charge_code)
            parts = {"": line.booked_minor}
            if line.causes:
                turn = f"{self.tie_key}|{number}|{line.position}"
                parts = split_among_causes(line.booked_minor, line.causes, tie_key=turn)
            found += [
                InvoicedAmount(
                    slot=SlotId(charge_class=slot.charge_class, code=slot.code, member=member),
                    amount_minor=minor,
                    closes=line.closes,
                )
                for member, minor in parts.items()
            ]
        return found

    def true_up(self, amounts: Iterable[InvoicedAmount]) -> TrueUp:
        """Return the state after these amounts."""
        return true_up(self.estimate, amounts, tie_key=self.tie_key)


def books_of(shipment: PooledShipment, *, session: Session) -> Books | None:
    """Return a shipment's estimate and invoices, or None while it has no plan that is shared."""
    stored = session.get(StoredPlan, shipment.plan_id) if shipment.plan_id is not None else None
    if stored is None:
        return None
    rows = session.exec(
        select(CostShare, Member)
        .join(Member, col(CostShare.member_id) == col(Member.id))
        .where(CostShare.plan_id == stored.id)
        .order_by(col(Member.code))
    ).all()
    if not rows:
        return None
    shares = {member.code: row for row, member in rows}
    problem, _ = problem_of(stored.problem)
    plan, _ = read_plan_document(stored.plan)
    invoices = list(
        session.exec(
            select(CarrierInvoice).where(CarrierInvoice.shipment_id == shipment.id).order_by(col(CarrierInvoice.number))
        )
    )
    lines: dict[int, list[CarrierInvoiceLine]] = {}
    query = (
        select(CarrierInvoiceLine)
        .where(col(CarrierInvoiceLine.invoice_id).in_([one.id for one in invoices]))
        .order_by(col(CarrierInvoiceLine.invoice_id), col(CarrierInvoiceLine.position))
    )
    for line in session.exec(query):
        lines.setdefault(line.invoice_id, []).append(line)
    pool = _pool_shares(stored, shares)
    return Books(
        plan_id=stored.id or 0,
        tie_key=shipment.code,
        problem=problem,
        estimate=estimate_of(problem, plan, pool, terms_of(shipment, session), tie_key=shipment.code),
        members={member.code: member for _, member in rows},
        shares=shares,
        invoices=invoices,
        lines=lines,
    )


def class_of_code(problem: ConsolidationProblem, code: str) -> str | None:
    """Return the class of a charge of a problem, None when there is no such charge."""
    return next((class_of(one).value for one in problem.charges if one.code == code), None)


def _pool_shares(stored: StoredPlan, shares: dict[str, CostShare]) -> dict[str, Fraction]:
    """Return each member's exact share of the pool; where the document lacks it, the one that was charged."""
    exact = stored.plan.get("allocation", {}).get("shares", {})
    return {
        code: Fraction(exact.get(code, row.cost_share_minor)) - int(row.why.get("direct_minor", 0))
        for code, row in shares.items()
    }
