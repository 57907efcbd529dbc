"""The example consortia of `data/demo`: two consortia with orders, departures and tariffs, and a user for each role."""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import Session, select

from consortium.database import in_transaction, need
from consortium.models import (
    AppUser,
    AuditEvent,
    ChargeRow,
    ConsignmentRow,
    Consortium,
    ConsortiumKind,
    DepartureRow,
    Member,
    MemberKind,
    Order,
    OrderLine,
    OrderState,
    PooledShipment,
    Product,
    Role,
    RuleVersion,
    ShipmentState,
    Tariff,
)
from consortium.permissions import Grant
from consortium.reference_data import reference_folder
from consortium.rules_in_force import fingerprint
from consortium.services import access, passwords
from optimizer.units import volume_cm3

FIRST, SECOND = "ANDES", "ARAUCO"
"""Codes of the two consortia: the second is small and shows that nobody looks into another's trade."""


class _Person(NamedTuple):
    username: str
    display_name: str
    consortium: str
    role: Role | None
    member: str = ""


PEOPLE = (
    _Person("administrator@demo", "Administración", "", None),
    _Person("manager@demo", "Gerencia de Andes Origen", FIRST, Role.MANAGER),
    _Person("member@demo", "Café Alto Guatapurí", FIRST, Role.MEMBER, "SIERRA"),
    _Person("member2@demo", "Granos Altiplano Sur", FIRST, Role.MEMBER, "QUINUA"),
    _Person("member3@demo", "Cooperativa Castañera Río Manu", FIRST, Role.MEMBER, "CASTANA"),
    _Person("agency@demo", "Agencia de promoción", FIRST, Role.AGENCY),
    _Person("auditor@demo", "Auditoría", FIRST, Role.AUDITOR),
    _Person("manager@arauco", "Gerencia de Viñas del Sur", SECOND, Role.MANAGER),
    _Person("member@arauco", "Viña Cerro Maule", SECOND, Role.MEMBER, "MAULE"),
)
"""Who can sign in to the example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """One user of the example; `password` is None when the user existed before and keeps its own."""

    username: str
    role: str
    consortium: str
    member: str
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccounts:
    """What `load_demo` made or found."""

    accounts: tuple[DemoAccount, ...]
    created: bool
    """Whether the consortia were created by this call."""

    def by_name(self, username: str) -> DemoAccount:
        """Return the account of a username."""
        return next(one for one in self.accounts if one.username == username)


def demo_folder() -> Path:
    """Return the folder of the example's files."""
    return reference_folder() / "demo"


@in_transaction
def load_demo(password: str | None = None, *, session: Session | None = None) -> DemoAccounts:
    """Put the example consortia and their users into the database; what is already there stays as it is.

    Parameters
    ----------
    password
        Password of every user of the example, also of those that exist already; None: one is generated, the same
        for all users made by this call.
    session
        Unit of work to join.

    Returns
    -------
    DemoAccounts
        The users with their passwords, which are shown once and stored nowhere.

    Raises
    ------
    InputError
        When the password is too weak.
    """
    db = need(session)
    there = db.exec(select(Consortium).where(Consortium.code == FIRST)).first()
    if there is None:
        _load_records(db)
    accounts = _load_people(password, db)
    return DemoAccounts(accounts=accounts, created=there is None)


def _load_people(password: str | None, db: Session) -> tuple[DemoAccount, ...]:
    generated = passwords.generate_password()
    consortia = {one.code: _id(one) for one in db.exec(select(Consortium))}
    accounts = []
    for person in PEOPLE:
        user = db.exec(select(AppUser).where(AppUser.username == person.username)).first()
        given = password or (generated if user is None else None)
        if user is None:
            draft = access.UserDraft(
                username=person.username,
                display_name=person.display_name,
                language="es",
                is_administrator=person.role is None,
                password=given,
            )
            user_id, _ = access.create_user(access.OPERATOR, draft, session=db)
        else:
            user_id = _id(user)
            if password is not None:
                access.set_password(access.OPERATOR, user_id, password, session=db)
        if person.role is not None:
            grant = Grant(
                consortium_id=consortia[person.consortium],
                role=person.role,
                member_id=_member_id(consortia[person.consortium], person.member, db),
            )
            access.grant_role(
                access.OPERATOR, user_id, grant.consortium_id, grant.role, member_id=grant.member_id, session=db
            )
        accounts.append(
            DemoAccount(
                username=person.username,
                role=person.role.value if person.role else "administrator",
                consortium=person.consortium,
                member=person.member,
                password=given,
            )
        )
    return tuple(accounts)


def _member_id(consortium_id: int, code: str, db: Session) -> int | None:
    if not code:
        return None
    query = select(Member).where(Member.consortium_id == consortium_id, Member.code == code)
    return _id(db.exec(query).one())


def _load_records(db: Session) -> None:
    """Read the files in the order in which they refer to each other."""
    consortia = _consortia(db)
    members = _members(consortia, db)
    products = _products(members, db)
    shipments = _shipments(consortia, _decisions(consortia, db), db)
    _orders(consortia, members, products, shipments, db)
    _departures(consortia, db)
    _tariffs(consortia, db)
    for code, consortium_id in consortia.items():
        db.add(AuditEvent(consortium_id=consortium_id, action="load_demo", subject=code))


def _consortia(db: Session) -> dict[str, int]:
    found = {}
    for row in _rows("consortia"):
        made = Consortium(
            code=row["code"],
            name=row["name"],
            kind=ConsortiumKind(row["kind"]),
            country=row["country"],
            currency=row["currency"],
            time_zone=row["time_zone"],
            allocation_rule=row["allocation_rule"],
        )
        found[made.code] = _added(made, db)
    return found


def _members(consortia: dict[str, int], db: Session) -> dict[str, Member]:
    found = {}
    for row in _rows("members"):
        made = Member(
            consortium_id=consortia[row["consortium"]],
            code=row["code"],
            name=row["name"],
            kind=MemberKind(row["kind"]),
            country=row["country"],
            tax_id=row["tax_id"],
            sector=row["sector"],
            represented_units=int(row["represented_units"]),
            joined_on=date.fromisoformat(row["joined_on"]),
        )
        _added(made, db)
        found[made.code] = made
    return found


def _products(members: dict[str, Member], db: Session) -> dict[tuple[str, str], Product]:
    found = {}
    for row in _rows("products"):
        made = Product(
            member_id=_id(members[row["member"]]),
            code=row["code"],
            name=row["name"],
            hs=row["hs"],
            cargo_class=row["cargo_class"],
            package_length_mm=int(row["package_length_mm"]),
            package_width_mm=int(row["package_width_mm"]),
            package_height_mm=int(row["package_height_mm"]),
            package_mass_g=int(row["package_mass_g"]),
            vertical=_list(row["vertical"]),
            max_load_g=_number(row["max_load_g"]),
        )
        _added(made, db)
        found[row["member"], made.code] = made
    return found


def _decisions(consortia: dict[str, int], db: Session) -> dict[str, int]:
    """Return consortium -> its decision on sharing; one without has none."""
    found = {}
    for row in _rows("decisions"):
        made = RuleVersion(
            consortium_id=consortia[row["consortium"]],
            number=int(row["number"]),
            rule=row["rule"],
            decided_on=date.fromisoformat(row["decided_on"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            text=row["text"],
            reference=row["reference"],
            votes_for=_number(row["votes_for"]),
            votes_against=_number(row["votes_against"]),
            abstentions=_number(row["abstentions"]),
            terms_sha256="",
        )
        made.terms_sha256 = fingerprint(made)
        found[row["consortium"]] = _added(made, db)
    return found


def _shipments(consortia: dict[str, int], decisions: dict[str, int], db: Session) -> dict[str, PooledShipment]:
    found = {}
    for row in _rows("shipments"):
        made = PooledShipment(
            consortium_id=consortia[row["consortium"]],
            code=row["code"],
            title=row["title"],
            cut_off_at=datetime.fromisoformat(row["cut_off_at"]),
            state=ShipmentState(row["state"]),
            allocation_rule=db.get_one(Consortium, consortia[row["consortium"]]).allocation_rule,
            container_types=_list(row["container_types"]),
        )
        if made.state is not ShipmentState.OPEN:
            made.rule_version_id = decisions.get(row["consortium"])
        _added(made, db)
        found[made.code] = made
    return found


def _orders(
    consortia: dict[str, int],
    members: dict[str, Member],
    products: dict[tuple[str, str], Product],
    shipments: dict[str, PooledShipment],
    db: Session,
) -> None:
    lines: dict[tuple[str, str], list[dict[str, str]]] = {}
    for line in _rows("order_lines"):
        lines.setdefault((line["member"], line["order"]), []).append(line)
    for row in _rows("orders"):
        member = members[row["member"]]
        shipment = shipments.get(row["shipment"])
        order = _order(row, consortia[row["consortium"]], _id(member))
        order.state = OrderState.GATHERED if shipment else OrderState.ENTERED
        order_id = _added(order, db)
        made = [
            _order_line(line, order_id, products[member.code, line["product"]])
            for line in lines[member.code, order.code]
        ]
        order.mass_g = sum(line.quantity * line.mass_g for line in made)
        order.volume_cm3 = volume_cm3(
            sum(line.quantity * line.length_mm * line.width_mm * line.height_mm for line in made)
        )
        db.add_all([order, *made])
        if shipment:
            db.add(ConsignmentRow(shipment_id=_id(shipment), order_id=order_id, member_id=_id(member)))


def _order(row: dict[str, str], consortium_id: int, member_id: int) -> Order:
    return Order(
        consortium_id=consortium_id,
        member_id=member_id,
        code=row["code"],
        buyer=row["buyer"],
        origin=row["origin"],
        destination=row["destination"],
        ready_date=date.fromisoformat(row["ready_date"]),
        due_date=date.fromisoformat(row["due_date"]) if row["due_date"] else None,
        cargo_class=row["cargo_class"],
        incoterm=row["incoterm"] or None,
        named_place=row["named_place"],
        value_minor=int(row["value_minor"]),
        currency=row["currency"],
        delay_cost_ppm_per_day=int(row["delay_cost_ppm_per_day"]),
        divisible=row["divisible"] == "true",
        note=row["note"],
    )


def _order_line(line: dict[str, str], order_id: int, product: Product) -> OrderLine:
    return OrderLine(
        order_id=order_id,
        code=line["code"],
        product_id=product.id,
        description=product.name,
        hs=product.hs,
        quantity=int(line["quantity"]),
        length_mm=product.package_length_mm,
        width_mm=product.package_width_mm,
        height_mm=product.package_height_mm,
        mass_g=product.package_mass_g,
        vertical=list(product.vertical),
        max_load_g=product.max_load_g,
    )


def _departures(consortia: dict[str, int], db: Session) -> None:
    for row in _rows("departures"):
        limits = (part.split("=") for part in _list(row["container_limits"]))
        db.add(
            DepartureRow(
                consortium_id=consortia[row["consortium"]],
                code=row["code"],
                origin=row["origin"],
                destination=row["destination"],
                carrier=row["carrier"],
                cut_off=date.fromisoformat(row["cut_off"]),
                departure=date.fromisoformat(row["departure"]),
                arrival=date.fromisoformat(row["arrival"]),
                container_limits={code: int(number) for code, number in limits},
            )
        )


FILTERS = ("modes", "container_types", "origins", "destinations", "cargo_classes")


def _tariffs(consortia: dict[str, int], db: Session) -> None:
    ids = {}
    for row in _rows("tariffs"):
        made = Tariff(
            consortium_id=consortia[row["consortium"]],
            code=row["code"],
            name=row["name"],
            currency=row["currency"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            source=row["source"],
        )
        ids[made.code] = _added(made, db)
    for row in _rows("charges"):
        db.add(
            ChargeRow(
                tariff_id=ids[row["tariff"]],
                code=row["code"],
                description=row["description"],
                basis=row["basis"],
                amount_minor=int(row["amount_minor"]),
                rate_ppm=int(row["rate_ppm"]),
                minimum_minor=int(row["minimum_minor"]),
                maximum_minor=_number(row["maximum_minor"]),
                gross_mass_over_g=_number(row["gross_mass_over_g"]),
                filters={name: _list(row[name]) for name in FILTERS if row[name]},
                incoterm_stage=row["incoterm_stage"] or None,
                allocation_key=row["allocation_key"],
            )
        )


def _rows(name: str) -> list[dict[str, str]]:
    with (demo_folder() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _list(text: str) -> list[str]:
    return [part for part in text.split(";") if part]


def _number(text: str) -> int | None:
    return int(text) if text else None


def _added(row: Any, db: Session) -> int:
    """Add a row and return the id that the database gave it."""
    db.add(row)
    db.flush()
    return _id(row)


def _id(row: Any) -> int:
    found: int | None = row.id
    assert found is not None
    return found
