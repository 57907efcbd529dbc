"""Departures for everybody who ships, tariffs for managers and auditors."""

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.models import ChargeRow, DepartureRow, Tariff
from consortium.permissions import Action, Actor
from consortium.reach import id_of, reach_consortium
from consortium.views import ChargeView, DepartureView, TariffView


@in_transaction
def departures(actor: Actor, consortium_id: int, *, session: Session | None = None) -> tuple[DepartureView, ...]:
    """Return the departures of a consortium by the day they leave.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_DEPARTURES, consortium_id, session)
    query = (
        select(DepartureRow)
        .where(DepartureRow.consortium_id == consortium_id)
        .order_by(col(DepartureRow.departure), col(DepartureRow.code))
    )
    return tuple(view_of_departure(one) for one in session.exec(query))


@in_transaction
def tariffs(actor: Actor, consortium_id: int, *, session: Session | None = None) -> tuple[TariffView, ...]:
    """Return the tariffs of a consortium with their charges, by code.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_TARIFFS, consortium_id, session)
    found = session.exec(select(Tariff).where(Tariff.consortium_id == consortium_id).order_by(col(Tariff.code))).all()
    charges: dict[int, list[ChargeView]] = {}
    rows = (
        select(ChargeRow)
        .where(col(ChargeRow.tariff_id).in_([id_of(one) for one in found]))
        .order_by(col(ChargeRow.code))
    )
    for row in session.exec(rows):
        charges.setdefault(row.tariff_id, []).append(_charge(row))
    return tuple(
        TariffView(
            id=id_of(one),
            code=one.code,
            name=one.name,
            currency=one.currency,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            source=one.source,
            charges=tuple(charges.get(id_of(one), ())),
        )
        for one in found
    )


def view_of_departure(departure: DepartureRow) -> DepartureView:
    """Return a departure as a view."""
    return DepartureView(
        id=id_of(departure),
        code=departure.code,
        origin=departure.origin,
        destination=departure.destination,
        carrier=departure.carrier,
        cut_off=departure.cut_off,
        departure=departure.departure,
        arrival=departure.arrival,
        container_limits=dict(departure.container_limits),
    )


def _charge(charge: ChargeRow) -> ChargeView:
    return ChargeView(
        id=id_of(charge),
        tariff_id=charge.tariff_id,
        code=charge.code,
        description=charge.description,
        basis=charge.basis,
        amount_minor=charge.amount_minor,
        rate_ppm=charge.rate_ppm,
        minimum_minor=charge.minimum_minor,
        maximum_minor=charge.maximum_minor,
        gross_mass_over_g=charge.gross_mass_over_g,
        steps=tuple((step["from"], step["amount_minor"]) for step in charge.steps),
        filters={name: tuple(values) for name, values in charge.filters.items() if values is not None},
        incoterm_stage=charge.incoterm_stage,
        allocation_key=charge.allocation_key,
    )
