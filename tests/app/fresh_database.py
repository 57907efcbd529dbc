"""A small database of two consortia with a user for each role, in which every trace of a rival bears a marker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import Session, SQLModel, select

from consortium.database import ENVIRONMENT_NAME, engine
from consortium.migrating import migrate
from consortium.models import (
    ChargeRow,
    ConsignmentRow,
    Consortium,
    DepartureRow,
    JobState,
    Member,
    Order,
    OrderLine,
    OrderState,
    PooledShipment,
    Product,
    Role,
    ShipmentState,
    Tariff,
)
from consortium.services import access
from consortium.services.jobs import latest_job
from consortium.services.planning import request_plan, work
from consortium.services.shipments import freeze
from tests.app.live import PASSWORD

MARKER = "ZQXMARK"
"""Stands in every text of a rival's order; nothing that a member receives may contain it."""

RIVALS_VALUE_MINOR = 98_765_431
RIVALS_VALUE = ("98765431", "987,654.31", "987654.31", "987.654,31")
"""A rival's order value as pages might write it."""

OWN = "PROPIO"
PEOPLE = (
    ("root", None, None, None),
    ("manager", "NORTE", Role.MANAGER, None),
    ("member", "NORTE", Role.MEMBER, "UNO"),
    ("rival", "NORTE", Role.MEMBER, "DOS"),
    ("agency", "NORTE", Role.AGENCY, None),
    ("auditor", "NORTE", Role.AUDITOR, None),
    ("stranger", "SUR", Role.MANAGER, None),
)


@contextmanager
def database_in_force(url: str) -> Iterator[None]:
    """Make a database the one that services use."""
    before = os.environ.get(ENVIRONMENT_NAME)
    os.environ[ENVIRONMENT_NAME] = url
    try:
        yield
    finally:
        if before is None:
            del os.environ[ENVIRONMENT_NAME]
        else:
            os.environ[ENVIRONMENT_NAME] = before


def build(folder: Path) -> str:
    """Create the database in a folder and return its URL."""
    url = f"sqlite:///{folder / 'live.sqlite3'}"
    with database_in_force(url):
        migrate()
        SQLModel.metadata.create_all(engine())
        with Session(engine()) as session:
            _fill(session)
            session.commit()
    return url


def plan_first_shipment(url: str) -> None:
    """Freeze and plan the first consortium's shipment as its manager would."""
    with database_in_force(url):
        manager = access.authenticate("manager", PASSWORD)
        assert manager is not None
        freeze(manager, 1)
        request_plan(manager, 1, time_limit_s=20)
        assert work(once=True) == 1
        found = latest_job(manager, 1)
        assert found is not None
        assert found.state == JobState.DONE, found.error


def _fill(session: Session) -> None:
    places: dict[str, int] = {}
    for code, marked in (("NORTE", ""), ("SUR", MARKER)):
        consortium = Consortium(code=code, name=f"Consorcio {code} {marked}", country="CO", currency="USD")
        places[code] = _stored(consortium, session)
        _shipment(places[code], code, marked, session)
        _tariff(places[code], code, session)
    firms = {
        "UNO": _firm(places["NORTE"], "UNO", OWN, session),
        "DOS": _firm(places["NORTE"], "DOS", MARKER, session),
        "TRES": _firm(places["SUR"], "TRES", MARKER, session),
    }
    for username, place, role, firm in PEOPLE:
        draft = access.UserDraft(username=username, is_administrator=role is None, password=PASSWORD, language="en")
        user_id, _ = access.create_user(access.OPERATOR, draft, session=session)
        if role is not None and place is not None:
            member_id = firms[firm] if firm else None
            access.grant_role(access.OPERATOR, user_id, places[place], role, member_id, session=session)


def _shipment(consortium_id: int, code: str, marked: str, session: Session) -> None:
    cut_off = datetime(2027, 2, 26, 22, tzinfo=UTC)
    title = f"Embarque {marked}"
    row = PooledShipment(consortium_id=consortium_id, code=f"{code}-1{marked}", title=title, cut_off_at=cut_off)
    row.state, row.container_types = ShipmentState.OPEN, ["22G1"]
    _stored(row, session)
    _stored(
        DepartureRow(
            consortium_id=consortium_id,
            code=f"{code}-S1{marked}",
            origin="COCTG",
            destination="NLRTM",
            carrier=f"Naviera {marked}",
            cut_off=date(2027, 3, 1),
            departure=date(2027, 3, 4),
            arrival=date(2027, 3, 24),
            container_limits={"22G1": 4},
        ),
        session,
    )


def _tariff(consortium_id: int, code: str, session: Session) -> None:
    tariff = Tariff(
        consortium_id=consortium_id,
        code=f"T-{code}",
        currency="USD",
        valid_from=date(2026, 1, 1),
        source=f"Fuente {MARKER}",
    )
    charge = ChargeRow(
        tariff_id=_stored(tariff, session),
        code="OFR",
        description="Flete",
        basis="container",
        amount_minor=150_000,
        filters={"container_types": ["22G1"]},
    )
    _stored(charge, session)


def _firm(consortium_id: int, code: str, mark: str, session: Session) -> int:
    firm = Member(
        consortium_id=consortium_id,
        code=f"{code}{mark}",
        name=f"Firma {code} {mark}",
        country="CO",
        tax_id=f"{mark}-9",
        joined_on=date(2025, 1, 1),
    )
    member_id = _stored(firm, session)
    product = Product(
        member_id=member_id,
        code=f"P-{mark}",
        name=f"Producto {mark}",
        package_length_mm=1200,
        package_width_mm=800,
        package_height_mm=1000,
        package_mass_g=400_000,
    )
    product_id = _stored(product, session)
    order = Order(
        consortium_id=consortium_id,
        member_id=member_id,
        code=f"O-{mark}",
        buyer=f"Comprador {mark}",
        origin="COCTG",
        destination="NLRTM",
        ready_date=date(2027, 2, 20),
        incoterm="FOB",
        named_place=f"Lugar {mark}",
        value_minor=RIVALS_VALUE_MINOR if mark == MARKER else 1_234_500,
        currency="USD",
        state=OrderState.GATHERED,
        note=f"Nota {mark}",
    )
    order_id = _stored(order, session)
    line = OrderLine(
        order_id=order_id,
        code=f"L-{mark}",
        product_id=product_id,
        description=f"Carga {mark}",
        quantity=7,
        length_mm=1200,
        width_mm=800,
        height_mm=1000,
        mass_g=400_000,
    )
    _stored(line, session)
    shipment = session.exec(select(PooledShipment).where(PooledShipment.consortium_id == consortium_id)).one()
    _stored(ConsignmentRow(shipment_id=shipment.id, order_id=order_id, member_id=member_id), session)
    return member_id


def _stored(row: SQLModel, session: Session) -> int:
    session.add(row)
    session.flush()
    found: int = row.id  # type: ignore[attr-defined]
    return found
