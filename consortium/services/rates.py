"""Exchange rates: imported from the central bank's file or entered by hand, dated, with their source, never changed."""

from collections.abc import Iterable

from sqlmodel import Session, select

from consortium.books_drafts import RateDraft
from consortium.database import in_transaction, need
from consortium.errors import Fault, InputError
from consortium.formats.ecb_rates import BASE, SOURCE, DatedRate, read_ecb_rates
from consortium.models import ExchangeRate
from consortium.permissions import Actor
from consortium.services.audit import record
from consortium.services.bookkeeping import open_books


@in_transaction
def import_rates(actor: Actor, consortium_id: int, file: str, content: bytes, *, session: Session | None = None) -> int:
    """Import a file of reference rates of the ECB; what is known already is left as it is.

    Returns
    -------
    int
        How many rates were new.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        With the row and column of every bad cell, and ``rate_differs`` for a day that is known with another rate;
        nothing is stored then.
    """
    session = need(session)
    open_books(consortium_id, actor, session)
    new = _new(consortium_id, read_ecb_rates(content, file), session)
    session.add_all(
        ExchangeRate(
            consortium_id=consortium_id, on_date=one.on_date, base=BASE, quote=one.quote, rate=one.rate, source=SOURCE
        )
        for one in new
    )
    record(actor, consortium_id, "import_rates", f"rates {SOURCE}", {"file": file, "new": len(new)}, session=session)
    return len(new)


@in_transaction
def record_rate(actor: Actor, consortium_id: int, draft: RateDraft, *, session: Session | None = None) -> None:
    """Record one rate with its source.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        ``duplicate`` when this source has one for that day already.
    """
    session = need(session)
    open_books(consortium_id, actor, session)
    known = select(ExchangeRate.id).where(
        ExchangeRate.consortium_id == consortium_id,
        ExchangeRate.on_date == draft.on_date,
        ExchangeRate.base == draft.base,
        ExchangeRate.quote == draft.quote,
        ExchangeRate.source == draft.source,
    )
    if session.exec(known).first() is not None:
        raise InputError([Fault("on_date", "duplicate", "one rate a day of a source", str(draft.on_date))])
    session.add(ExchangeRate(consortium_id=consortium_id, **draft.model_dump()))
    detail = draft.model_dump(mode="json")
    record(actor, consortium_id, "record_rate", f"rates {draft.source}", detail, session=session)


def _new(consortium_id: int, rates: Iterable[DatedRate], session: Session) -> list[DatedRate]:
    """Return what is not known yet; a known day with another rate is refused, since entries may rest on it."""
    query = select(ExchangeRate).where(
        ExchangeRate.consortium_id == consortium_id, ExchangeRate.base == BASE, ExchangeRate.source == SOURCE
    )
    known = {(one.on_date, one.quote): one.rate for one in session.exec(query)}
    new, faults = [], []
    for one in rates:
        key = one.on_date, one.quote
        if key not in known:
            known[key] = one.rate
            new.append(one)
        elif known[key] != one.rate:
            faults.append(Fault(f"{one.on_date}.{one.quote}", "rate_differs", known[key], one.rate))
    if faults:
        raise InputError(faults)
    return new
