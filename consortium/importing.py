"""Import of members, products, orders and tariffs: every bad cell is named, nothing is dropped, all or nothing.

A dry run does exactly what an import does, through the same services, and takes it back.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, select

from consortium import importing_mapping
from consortium.database import engine
from consortium.drafts import (
    ChargeDraft,
    DepartureDraft,
    MemberDraft,
    OrderDraft,
    OrderLineDraft,
    ProductDraft,
    TariffDraft,
)
from consortium.errors import Fault, InputError, InputFault, NotFoundError, StateError
from consortium.formats.cells import CellReader
from consortium.formats.json_text import show
from consortium.formats.numbers import NUMBER_FORMATS
from consortium.importing_columns import KINDS
from consortium.importing_tables import Entry, Sheets, read_entries
from consortium.models import Consortium, Member, Product, Role, Tariff
from consortium.permissions import Action, Actor, Grant, may
from consortium.reach import lock, reach_consortium
from consortium.reference_data import currency_exponent
from consortium.services.audit import record
from consortium.services.members import register_member
from consortium.services.orders import enter_order, register_product
from consortium.services.tariffs import register_charge, register_departure, register_tariff

ACTION_OF = {
    "members": Action.MANAGE_MEMBERS,
    "products": Action.ENTER_ORDERS,
    "orders": Action.ENTER_ORDERS,
    "tariffs": Action.MANAGE_TARIFFS,
}
"""What one must be allowed to do to import a kind; every row is authorised again by its service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import found and did; `rows` is always `accepted` + `refused_rows`.

    Parameters
    ----------
    rows
        Rows of the file that are not empty.
    accepted
        Rows without fault, whether stored or not.
    refused_rows
        Rows of objects that have a fault.
    refused
        Every fault with file, sheet, row and column.
    warnings
        What was read and may not be meant.
    objects
        Orders, members, ... that the accepted rows make; several rows may make one order.
    stored
        Whether anything was stored.
    """

    kind: str
    rows: int
    accepted: int
    refused_rows: int
    refused: tuple[InputFault, ...]
    warnings: tuple[InputFault, ...]
    objects: int
    stored: bool


def operator_of(consortium_id: int) -> Actor:
    """Return who acts at the command line: whoever can reach the database, with a manager's rights in a consortium."""
    grant = Grant(consortium_id=consortium_id, role=Role.MANAGER)
    return Actor(user_id=0, username="operator", grants=(grant,))


def dry_run(
    actor: Actor,
    consortium_id: int,
    kind: str,
    filename: str,
    content: bytes,
    *,
    mapping: str | None = None,
    number_format: str | None = None,
    session: Session | None = None,
) -> ImportReport:
    """Say what an import would do, and store nothing; parameters, and what is raised, as for `import_rows`."""
    return _run(
        actor, consortium_id, kind, filename, content, mapping, number_format, session=session, keep=lambda _: False
    )


def import_rows(
    actor: Actor,
    consortium_id: int,
    kind: str,
    filename: str,
    content: bytes,
    *,
    mapping: str | None = None,
    number_format: str | None = None,
    only_valid: bool = False,
    session: Session | None = None,
) -> ImportReport:
    """Store the rows of a file, all of them or none.

    Parameters
    ----------
    actor
        Who imports; needs the right to do by hand what the rows do.
    consortium_id
        Where.
    kind
        One of `importing_columns.KINDS`.
    filename, content
        A workbook .xlsx or a table .csv, as the user has it.
    mapping
        TOML text that says how a foreign table is read (`data/mappings/README.md`); only for orders. It holds a
        regular expression, so it must come from somebody trusted: pages may offer those that are shipped.
    number_format
        How numbers written as text are to be read, one of `formats.numbers.NUMBER_FORMATS`.
    only_valid
        Store the rows without fault even when others have some.
    session
        Unit of work to join.

    Returns
    -------
    ImportReport
        With every fault of every row; ``stored`` is false when nothing was stored.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        When the file or the mapping cannot be used at all.
    """

    def keep(faults: list[InputFault]) -> bool:
        return only_valid or not faults

    return _run(actor, consortium_id, kind, filename, content, mapping, number_format, session=session, keep=keep)


def _run(
    actor: Actor,
    consortium_id: int,
    kind: str,
    filename: str,
    content: bytes,
    mapping: str | None,
    number_format: str | None,
    *,
    session: Session | None,
    keep: Callable[[list[InputFault]], bool],
) -> ImportReport:
    """Import within a unit of work of its own, or within a savepoint of the one given."""
    if kind not in KINDS:
        raise InputError([Fault("kind", "unknown_value", f"one of {', '.join(KINDS)}", show(kind))])
    if number_format is not None and number_format not in NUMBER_FORMATS:
        expected = f"one of {'; '.join(NUMBER_FORMATS)}"
        raise InputError([Fault("number_format", "unknown_value", expected, show(number_format))])
    if session is not None:
        # A write before the savepoint: SQLite's driver opens no transaction for a savepoint alone, and releasing it
        # would then commit what the caller may still take back.
        lock(reach_consortium(actor, ACTION_OF[kind], consortium_id, session), session)
        nested = session.begin_nested()
        report = _import(actor, consortium_id, kind, filename, content, mapping, number_format, session, keep)
        if report.stored:
            nested.commit()
        else:
            nested.rollback()
        return report
    with Session(engine(), expire_on_commit=False) as own:
        report = _import(actor, consortium_id, kind, filename, content, mapping, number_format, own, keep)
        if report.stored:
            own.commit()
        else:
            own.rollback()
    return report


def _import(
    actor: Actor,
    consortium_id: int,
    kind: str,
    filename: str,
    content: bytes,
    mapping: str | None,
    number_format: str | None,
    session: Session,
    keep: Callable[[list[InputFault]], bool],
) -> ImportReport:
    consortium = reach_consortium(actor, ACTION_OF[kind], consortium_id, session)
    store = _Store(actor, consortium, session)
    if mapping is None:
        reader = CellReader(number_format, 10 ** currency_exponent(consortium.currency))
        sheets = read_entries(kind, filename, content, reader)
    else:
        if kind != "orders":
            raise InputError([Fault("mapping", "not_supported", "a mapping only with orders", kind)])
        rules = importing_mapping.parse_mapping(mapping)
        sheets = importing_mapping.read_mapped(rules, filename, content)
        store.expect_currency(rules.currency)
        store.add_missing_members(rules, sheets.entries["orders"])
    faults = list(sheets.faults)
    accepted, objects = 0, 0
    for entry, put in _in_order(kind, sheets, store):
        found = entry.all_faults() or _attempt(entry, put)
        faults += found
        if not found:
            accepted += entry.rows
            objects += 1
    stored = keep(faults) and objects > 0
    if stored:
        detail = {"file": filename, "rows": sheets.rows, "accepted": accepted, "objects": objects}
        record(actor, consortium_id, f"import_{kind}", f"consortium {consortium_id}", detail, session=session)
    return ImportReport(
        kind=kind,
        rows=sheets.rows,
        accepted=accepted,
        refused_rows=sheets.rows - accepted,
        refused=tuple(sorted(faults, key=lambda one: (one.place.sheet, one.place.row or 0))),
        warnings=sheets.warnings,
        objects=objects,
        stored=stored,
    )


def _attempt(entry: Entry, put: Callable[[Entry], None]) -> list[InputFault]:
    try:
        put(entry)
    except InputError as error:
        return [entry.located(fault) for fault in error.faults]
    except NotFoundError as error:
        return [entry.located(Fault(error.kind, "unknown_reference", f"a known {error.kind}", show(str(error.id))))]
    except StateError as error:
        return [entry.located(Fault("", error.code, "a state that allows it", str(error)))]
    return []


def _in_order(kind: str, sheets: Sheets, store: "_Store") -> Iterator[tuple[Entry, Callable[[Entry], None]]]:
    """Yield every entry with what stores it, those first to which others refer."""
    entries = sheets.entries
    if kind == "orders":
        orders = entries.get("orders", [])
        yield from _with_lines(orders, entries.get("order_lines", []), store)
        return
    put = {
        "members": store.member,
        "products": store.product,
        "departures": store.departure,
        "tariffs": store.tariff,
        "charges": store.charge,
    }
    for sheet, found in entries.items():
        for entry in found:
            yield entry, put[sheet]


def _with_lines(
    orders: list[Entry], lines: list[Entry], store: "_Store"
) -> Iterator[tuple[Entry, Callable[[Entry], None]]]:
    """Give every line to its order; a line of no order, and an order written twice, are faults."""
    by_code: dict[tuple[Any, Any], Entry] = {}
    for order in orders:
        _take_inline_line(order)
        key = (order.values.get("member"), order.values.get("code"))
        if None in key:
            continue  # told as missing, or the row is refused already
        if key in by_code:
            expected = f"an order not already in row {by_code[key].place.row}"
            place = order.cells.get("code", order.place)
            order.faults.append(InputFault("code", "duplicate", expected, show(f"{key[0]}/{key[1]}"), place))
        else:
            by_code[key] = order
    orphans = []
    for line in lines:
        owner = by_code.get((line.values.get("member"), line.values.get("order")))
        if owner is None:
            place = line.cells.get("order", line.place)
            found = show(f"{line.values.get('member')}/{line.values.get('order')}")
            line.faults.append(InputFault("order", "unknown_reference", "an order of this file", found, place))
            orphans.append(line)
        else:
            owner.lines.append(line)
            owner.rows += 1
    for entry in (*orders, *orphans):
        yield entry, store.order


def _take_inline_line(order: Entry) -> None:
    """Make a line of the product and quantity that stand in the row of the order itself."""
    values: dict[str, Any] = {key: order.values.pop(key) for key in ("product", "quantity") if key in order.values}
    if values:
        order.lines.insert(0, Entry(values, order.place, order.cells))


class _Store:
    """Puts entries into the consortium through the services, looking codes up as a user would."""

    def __init__(self, actor: Actor, consortium: Consortium, session: Session) -> None:
        assert consortium.id is not None
        self.actor, self.session = actor, session
        self.consortium, self.consortium_id = consortium, consortium.id
        rows = session.exec(select(Member.code, Member.id).where(Member.consortium_id == consortium.id))
        self.member_ids: dict[Any, int | None] = {
            code: key for code, key in rows if may(actor, Action.SEE_OWN_ORDERS, consortium.id, key)
        }  # a firm that the actor may not see is as unknown as one that is not there

    def expect_currency(self, currency: str) -> None:
        """Refuse a mapping whose amounts are not in the consortium's currency."""
        if currency != self.consortium.currency:
            raise InputError([Fault("currency", "currency_mismatch", self.consortium.currency, show(currency))])

    def add_missing_members(self, rules: importing_mapping.Mapping, orders: Iterable[Entry]) -> None:
        """Register the firms that a mapping names and the consortium does not have yet, when the mapping says so."""
        if rules.new_member is None:
            return
        names = {entry.values["member"]: entry.values.get("member_name", "") for entry in orders if not entry.faults}
        for code, name in sorted(names.items()):
            if code not in self.member_ids:
                draft = MemberDraft(
                    code=code,
                    name=name or code,
                    country=rules.new_member.country or self.consortium.country,
                    joined_on=rules.new_member.joined_on,
                    sector=rules.new_member.sector,
                )
                self.member_ids[code] = register_member(self.actor, self.consortium_id, draft, session=self.session)

    def _member_id(self, values: dict[str, Any]) -> int:
        code = values.pop("member", None)
        found = self.member_ids.get(code)
        if found is None:
            raise InputError([Fault("member", "unknown_reference", "the code of a member", show(code))])
        return found

    def member(self, entry: Entry) -> None:
        """Register a member."""
        draft = MemberDraft(**entry.values)
        self.member_ids[draft.code] = register_member(self.actor, self.consortium_id, draft, session=self.session)

    def product(self, entry: Entry) -> None:
        """Register a product of a member."""
        values = dict(entry.values)
        member_id = self._member_id(values)
        register_product(self.actor, member_id, ProductDraft(**_tuples(values)), session=self.session)

    def order(self, entry: Entry) -> None:
        """Enter an order with its lines."""
        values = {key: value for key, value in entry.values.items() if key not in importing_mapping.EXTRA_KEYS}
        member_id = self._member_id(values)
        faults: list[Fault] = []
        lines: list[OrderLineDraft] = []
        for index, line in enumerate(entry.lines):
            try:
                lines.append(OrderLineDraft(**self._line(line.values, member_id)))
            except InputError as error:
                faults += [replace_path(fault, f"lines[{index}]") for fault in error.faults]
        if faults:
            raise InputError(faults)
        draft = OrderDraft(member_id=member_id, lines=tuple(lines), **values)
        enter_order(self.actor, self.consortium_id, draft, session=self.session)

    def _line(self, values: dict[str, Any], member_id: int) -> dict[str, Any]:
        found = {key: value for key, value in values.items() if key not in ("member", "order", "product")}
        if "product" in values:
            query = select(Product.id).where(Product.member_id == member_id, Product.code == values["product"])
            product_id = self.session.exec(query).first()
            if product_id is None:
                expected = "the code of a product of the member"
                raise InputError([Fault("product", "unknown_reference", expected, show(values["product"]))])
            found["product_id"] = product_id
        return _tuples(found)

    def departure(self, entry: Entry) -> None:
        """Register a departure."""
        register_departure(self.actor, self.consortium_id, DepartureDraft(**entry.values), session=self.session)

    def tariff(self, entry: Entry) -> None:
        """Register a tariff."""
        register_tariff(self.actor, self.consortium_id, TariffDraft(**entry.values), session=self.session)

    def charge(self, entry: Entry) -> None:
        """Register a charge of a tariff, of this file or known before."""
        values = dict(entry.values)
        code = values.pop("tariff", None)
        query = select(Tariff.id).where(Tariff.consortium_id == self.consortium_id, Tariff.code == code)
        tariff_id = self.session.exec(query).first()
        if tariff_id is None:
            raise InputError([Fault("tariff", "unknown_reference", "the code of a tariff", show(code))])
        if "steps" in values:
            values["steps"] = tuple(
                {"from_units": step["from"], "amount_minor": step["amount_minor"]} for step in values["steps"]
            )
        register_charge(self.actor, tariff_id, ChargeDraft(**_tuples(values)), session=self.session)


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def replace_path(fault: Fault, before: str) -> Fault:
    """Return a fault whose path is within another object."""
    return replace(fault, path=f"{before}.{fault.path}" if fault.path else before)
