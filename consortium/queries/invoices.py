"""What was invoiced for a shipment against its estimate: whole for managers and auditors, a member's own delta."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.models import CarrierInvoice, Consortium, CostDelta, Member
from consortium.permissions import Actor
from consortium.queries.plans import OTHERS_BEHIND_A_TOTAL
from consortium.reach import id_of, reach_shares
from consortium.true_ups import Books, books_of
from consortium.views_rules import (
    DifferenceReasonView,
    DifferenceView,
    InvoiceLineView,
    InvoicesView,
    InvoiceView,
    MemberTotalView,
    SlotView,
)

Deltas = Mapping[int, list[tuple[CostDelta, Member]]]


@in_transaction
def invoices(actor: Actor, shipment_id: int, *, session: Session | None = None) -> InvoicesView | None:
    """Return what was invoiced for a shipment, or None while it has no plan that is shared.

    A member sees its own delta under each invoice that changes something for it. Figures of a whole charge it sees
    only where it alone is meant, or enough other firms share that charge.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    shipment, own = reach_shares(actor, shipment_id, session)
    books = books_of(shipment, session=session)
    if books is None:
        return None
    currency = session.get_one(Consortium, shipment.consortium_id).currency
    reader = _Reader(books, own, _deltas(books, session))
    return InvoicesView(
        shipment_id=shipment_id,
        currency=currency,
        slots=tuple(reader.slots()) if own is None else (),
        charges={one.code: one.description for one in books.problem.charges} if own is None else {},
        members=tuple(reader.totals()),
        invoices=tuple(reader.invoices()),
    )


def _deltas(books: Books, session: Session) -> Deltas:
    found: dict[int, list[tuple[CostDelta, Member]]] = {}
    query = (
        select(CostDelta, Member)
        .join(Member, col(CostDelta.member_id) == col(Member.id))
        .where(col(CostDelta.invoice_id).in_([one.id for one in books.invoices]))
        .order_by(col(Member.code))
    )
    for delta, member in session.exec(query):
        found.setdefault(delta.invoice_id, []).append((delta, member))
    return found


class _Reader:
    """Turns records into what one reader may see; `own` None: everything."""

    def __init__(self, books: Books, own: frozenset[int] | None, deltas: Deltas) -> None:
        self.books, self.own, self.deltas = books, own, deltas

    def slots(self) -> Iterable[SlotView]:
        """Yield the parts of the estimate, and what was invoiced beyond it."""
        words = {one.code: one.description for one in self.books.problem.charges}
        amounts = self.books.amounts(self.books.standing())
        invoiced = {one.slot for one in amounts}
        for one in self.books.true_up(amounts).slots:
            yield SlotView(
                charge_class=one.slot.id.charge_class,
                code=one.slot.id.code,
                description=words.get(one.slot.id.code, ""),
                member_code=one.slot.id.member,
                key=one.slot.key.value,
                estimate_minor=one.slot.estimate_minor,
                actual_minor=one.actual_minor,
                is_invoiced=one.slot.id in invoiced,
                is_open=one.is_open,
            )

    def totals(self) -> Iterable[MemberTotalView]:
        """Yield what each visible member's share has come to."""
        moved: dict[int, int] = {}
        for rows in self.deltas.values():
            for delta, member in rows:
                moved[id_of(member)] = moved.get(id_of(member), 0) + delta.delta_minor
        for code, member in self.books.members.items():
            if self._sees(member):
                estimate, difference = self.books.shares[code].cost_share_minor, moved.get(id_of(member), 0)
                yield MemberTotalView(
                    member_code=code,
                    member_name=member.name,
                    estimate_minor=estimate,
                    difference_minor=difference,
                    share_minor=estimate + difference,
                )

    def invoices(self) -> Iterable[InvoiceView]:
        """Yield the invoices by number; a member sees those that change something for it."""
        standing = self.books.standing()
        numbers = {one.id: one.number for one in self.books.invoices}
        for one in self.books.invoices:
            shown = [(delta, member) for delta, member in self.deltas.get(id_of(one), ()) if self._sees(member)]
            if self.own is None or shown:
                yield self._invoice(one, shown, numbers.get(one.replaces_id), one in standing)

    def _invoice(
        self, one: CarrierInvoice, shown: list[tuple[CostDelta, Member]], replaces: int | None, stands: bool
    ) -> InvoiceView:
        whole = self.own is None
        return InvoiceView(
            number=one.number,
            supplier=one.supplier,
            reference=one.reference,
            invoice_date=one.invoice_date,
            currency=one.currency,
            booked_minor=one.booked_minor if whole else None,
            replaces=replaces,
            stands=stands,
            note=one.note if whole else "",
            entered_at=one.entered_at,
            lines=tuple(
                InvoiceLineView(
                    charge_class=line.charge_class,
                    code=line.charge_code,
                    description=line.description,
                    amount_minor=line.amount_minor,
                    booked_minor=line.booked_minor,
                    causes=tuple(line.causes),
                    closes=line.closes,
                )
                for line in (self.books.lines.get(id_of(one), ()) if whole else ())
            ),
            differences=tuple(self._delta(delta, member) for delta, member in shown),
        )

    def _delta(self, delta: CostDelta, member: Member) -> DifferenceView:
        return DifferenceView(
            member_code=member.code,
            member_name=member.name,
            difference_minor=delta.delta_minor,
            pays_minor=delta.pays_minor,
            buyers_pay_minor=delta.buyers_pay_minor,
            share_minor=delta.share_minor,
            reasons=tuple(map(self._reason, delta.why)),
        )

    def _reason(self, why: Mapping[str, Any]) -> DifferenceReasonView:
        # Enough others under this very charge: with one other, its part would be the rest.
        told = self.own is None or why["own"] or why["sharers"] - len(self.own) >= OTHERS_BEHIND_A_TOTAL
        return DifferenceReasonView(
            charge_class=why["class"],
            code=why["code"],
            key=why["key"],
            own=why["own"],
            step_minor=why["step_minor"],
            estimate_minor=why["estimate_minor"] if told else None,
            actual_minor=why["actual_minor"] if told else None,
            weight=why["weight"] if told else None,
        )

    def _sees(self, member: Member) -> bool:
        return self.own is None or id_of(member) in self.own
