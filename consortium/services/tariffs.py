"""Departures, tariffs and charges: what carriers and agents offer, kept by managers."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.drafts import FILTERS, ChargeDraft, DepartureDraft, TariffDraft
from consortium.errors import Fault, InputError, StateError
from consortium.models import ChargeRow, Consortium, DepartureRow, Member, Tariff
from consortium.permissions import Action, Actor
from consortium.reach import id_of, reach_charge, reach_consortium, reach_departure, reach_tariff
from consortium.reference_data import container_types
from consortium.services.audit import changes, record
from consortium.services.storing import store_unique


@in_transaction
def register_departure(
    actor: Actor, consortium_id: int, draft: DepartureDraft, *, session: Session | None = None
) -> int:
    """Register a departure of a lane; its code is unique in the consortium.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    reach_consortium(actor, Action.MANAGE_TARIFFS, consortium_id, session)
    _refuse(_unknown("container_limits", draft.container_limits, container_types()))
    departure = DepartureRow(consortium_id=consortium_id, **draft.model_dump())
    store_unique(departure, "consortium_id", session=session)
    detail = draft.model_dump(mode="json")
    record(actor, consortium_id, "register_departure", f"departure {draft.code}", detail, session=session)
    return id_of(departure)


@in_transaction
def change_departure(actor: Actor, departure_id: int, draft: DepartureDraft, *, session: Session | None = None) -> None:
    """Change a departure; stored plans keep the one they were made with.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    StateError
        ``departure_in_use`` when a charge names a code that would change.
    """
    session = need(session)
    departure = reach_departure(actor, Action.MANAGE_TARIFFS, departure_id, session)
    _refuse(_unknown("container_limits", draft.container_limits, container_types()))
    if draft.code != departure.code:
        _refuse_in_use(departure, session)
    after = draft.model_dump(mode="json")
    before = departure.model_dump(mode="json", include=set(after))
    departure.sqlmodel_update(draft.model_dump())
    store_unique(departure, "consortium_id", session=session)
    detail = changes(before, after)
    record(actor, departure.consortium_id, "change_departure", f"departure {draft.code}", detail, session=session)


@in_transaction
def remove_departure(actor: Actor, departure_id: int, *, session: Session | None = None) -> None:
    """Remove a departure that no charge names; stored plans keep the one they were made with.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``departure_in_use``.
    """
    session = need(session)
    departure = reach_departure(actor, Action.MANAGE_TARIFFS, departure_id, session)
    _refuse_in_use(departure, session)
    session.delete(departure)
    detail = departure.model_dump(mode="json", exclude={"id", "consortium_id"})
    record(actor, departure.consortium_id, "remove_departure", f"departure {departure.code}", detail, session=session)


@in_transaction
def register_tariff(actor: Actor, consortium_id: int, draft: TariffDraft, *, session: Session | None = None) -> int:
    """Register a tariff in the consortium's currency; its code is unique in the consortium.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    consortium = reach_consortium(actor, Action.MANAGE_TARIFFS, consortium_id, session)
    tariff = Tariff(consortium_id=consortium_id, **_tariff_columns(draft, consortium))
    store_unique(tariff, "consortium_id", session=session)
    detail = draft.model_dump(mode="json")
    record(actor, consortium_id, "register_tariff", f"tariff {draft.code}", detail, session=session)
    return id_of(tariff)


@in_transaction
def change_tariff(actor: Actor, tariff_id: int, draft: TariffDraft, *, session: Session | None = None) -> None:
    """Change a tariff's name, validity or source.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    tariff = reach_tariff(actor, Action.MANAGE_TARIFFS, tariff_id, session)
    columns = _tariff_columns(draft, session.get_one(Consortium, tariff.consortium_id))
    before = tariff.model_dump(mode="json", include=set(columns))
    tariff.sqlmodel_update(columns)
    store_unique(tariff, "consortium_id", session=session)
    detail = changes(before, tariff.model_dump(mode="json", include=set(columns)))
    record(actor, tariff.consortium_id, "change_tariff", f"tariff {tariff.code}", detail, session=session)


@in_transaction
def register_charge(actor: Actor, tariff_id: int, draft: ChargeDraft, *, session: Session | None = None) -> int:
    """Register a charge of a tariff; its code is unique in the tariff, and what its filters name exists.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    tariff = reach_tariff(actor, Action.MANAGE_TARIFFS, tariff_id, session)
    _refuse(_filter_faults(draft, tariff.consortium_id, session))
    charge = ChargeRow(tariff_id=tariff_id, **_charge_columns(draft))
    store_unique(charge, "tariff_id", session=session)
    detail = _charge_columns(draft)
    record(actor, tariff.consortium_id, "register_charge", _charge_name(charge, tariff), detail, session=session)
    return id_of(charge)


@in_transaction
def change_charge(actor: Actor, charge_id: int, draft: ChargeDraft, *, session: Session | None = None) -> None:
    """Change a charge; stored plans keep the one they were made with.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    charge, tariff = reach_charge(actor, Action.MANAGE_TARIFFS, charge_id, session)
    _refuse(_filter_faults(draft, tariff.consortium_id, session))
    after = _charge_columns(draft)
    detail = changes(charge.model_dump(mode="json", include=set(after)), after)
    charge.sqlmodel_update(after)
    store_unique(charge, "tariff_id", session=session)
    record(actor, tariff.consortium_id, "change_charge", _charge_name(charge, tariff), detail, session=session)


@in_transaction
def remove_charge(actor: Actor, charge_id: int, *, session: Session | None = None) -> None:
    """Remove a charge; stored plans keep it.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    charge, tariff = reach_charge(actor, Action.MANAGE_TARIFFS, charge_id, session)
    session.delete(charge)
    detail = charge.model_dump(mode="json", exclude={"id", "tariff_id"})
    record(actor, tariff.consortium_id, "remove_charge", _charge_name(charge, tariff), detail, session=session)


def _refuse(faults: Iterable[Fault]) -> None:
    if found := list(faults):
        raise InputError(found)


def _charge_name(charge: ChargeRow, tariff: Tariff) -> str:
    return f"charge {tariff.code}/{charge.code}"


def _tariff_columns(draft: TariffDraft, consortium: Consortium) -> dict[str, Any]:
    """Return what a tariff's row takes from a draft; planning knows one currency only."""
    if draft.currency not in (None, consortium.currency):
        raise InputError([Fault("currency", "currency_mismatch", consortium.currency, str(draft.currency))])
    return draft.model_dump() | {"currency": consortium.currency}


def _charge_columns(draft: ChargeDraft) -> dict[str, Any]:
    """Return what a charge's row takes from a draft: filters and steps under the keys of the problem format."""
    values = draft.model_dump(mode="json", exclude={"steps", *FILTERS})
    chosen = draft.model_dump(mode="json", include=set(FILTERS), exclude_none=True)
    steps = [{"from": step.from_units, "amount_minor": step.amount_minor} for step in draft.steps]
    return values | {"steps": steps, "filters": {name: chosen[name] for name in FILTERS if name in chosen}}


def _filter_faults(draft: ChargeDraft, consortium_id: int, session: Session) -> Iterator[Fault]:
    departures = session.exec(select(DepartureRow.code).where(DepartureRow.consortium_id == consortium_id)).all()
    members = session.exec(select(Member.code).where(Member.consortium_id == consortium_id)).all()
    yield from _unknown("container_types", draft.container_types or (), container_types())
    yield from _unknown("departures", draft.departures or (), departures)
    yield from _unknown("members", draft.members or (), members)


def _unknown(path: str, found: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    listed = set(known)
    for one in found:
        if one not in listed:
            yield Fault(path, "unknown_reference", "one of " + ", ".join(sorted(listed)), repr(one))


def _refuse_in_use(departure: DepartureRow, session: Session) -> None:
    """Refuse to let a departure's code go while a charge names it."""
    rows = session.exec(
        select(ChargeRow, Tariff)
        .join(Tariff, col(ChargeRow.tariff_id) == col(Tariff.id))
        .where(Tariff.consortium_id == departure.consortium_id)
        .order_by(col(ChargeRow.id))
    )
    for charge, tariff in rows:
        if departure.code in charge.filters.get("departures", ()):
            raise StateError("departure_in_use", {"charge": f"{tariff.code}/{charge.code}"})
