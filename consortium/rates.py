"""Exchange rates held here, dated and with their source: what an amount was worth on a day, without any network."""

from datetime import date, timedelta
from fractions import Fraction

from sqlmodel import Session, col, select

from consortium.errors import Fault, InputError
from consortium.models import Consortium, ExchangeRate
from consortium.reach import id_of
from consortium.reference_data import currency_exponent

MOST_DAYS_OLD = 10
"""A rate may be this many days older than the day it is used for: banks close over holidays, but not for longer."""

PIVOT = "EUR"
"""Currency through which two others are compared: the reference rates of the ECB have it as their base."""


def rate_on(consortium: Consortium, currency: str, day: date, session: Session) -> tuple[Fraction, dict[str, str]]:
    """Return how many minor units of the consortium's currency one minor unit of another is worth on a day.

    Returns
    -------
    tuple
        The exact factor and what to cite: the rates used, with their days and sources.

    Raises
    ------
    InputError
        ``rate_missing``.
    """
    home = consortium.currency
    found = _between(consortium, currency, home, day, session)
    if found is None:
        raise InputError([Fault("currency", "rate_missing", f"a rate of {currency} in {home} near {day}", currency)])
    factor, cites = found
    scale = Fraction(10) ** (currency_exponent(home) - currency_exponent(currency))
    return factor * scale, cites


def _between(
    consortium: Consortium, one: str, other: str, day: date, session: Session
) -> tuple[Fraction, dict[str, str]] | None:
    if direct := _pair(consortium, one, other, day, session):
        return direct
    if PIVOT in (one, other):
        return None
    there, back = (_pair(consortium, a, b, day, session) for a, b in ((one, PIVOT), (PIVOT, other)))
    if there is None or back is None:
        return None
    return there[0] * back[0], {**there[1], **back[1]}


def _pair(
    consortium: Consortium, one: str, other: str, day: date, session: Session
) -> tuple[Fraction, dict[str, str]] | None:
    """Return the newest rate between two currencies that was in force on a day, whichever way it was quoted."""
    query = (
        select(ExchangeRate)
        .where(
            ExchangeRate.consortium_id == id_of(consortium),
            col(ExchangeRate.base).in_((one, other)),
            col(ExchangeRate.quote).in_((one, other)),
            col(ExchangeRate.on_date) <= day,
            col(ExchangeRate.on_date) >= day - timedelta(days=MOST_DAYS_OLD),
        )
        .order_by(col(ExchangeRate.on_date).desc(), col(ExchangeRate.id).desc())
        .limit(1)
    )
    row = session.exec(query).first()
    if row is None:
        return None
    cite = {f"{row.base}/{row.quote}": f"{row.rate} {row.on_date.isoformat()} {row.source}"}
    return (Fraction(row.rate) if row.base == one else 1 / Fraction(row.rate)), cite
