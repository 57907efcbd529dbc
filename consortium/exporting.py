"""Templates to be filled in, and exports in the same columns: what is exported can be imported again.

Texts stay texts: in workbooks no cell is ever a formula or a link; in CSV files a text that a spreadsheet would take
for a formula gets an apostrophe before it, which the import takes off again.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import xlsxwriter
from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import Fault, InputError
from consortium.formats.columns import Column
from consortium.formats.json_text import show
from consortium.formats.kinds import Boolean, Day
from consortium.importing_columns import INPUTS, KINDS, SHEETS_OF, Input, columns_of, label_of, title_of
from consortium.importing_tables import with_guard
from consortium.models import (
    ChargeRow,
    Consortium,
    DepartureRow,
    Member,
    Order,
    OrderLine,
    OrderState,
    Product,
    Tariff,
)
from consortium.permissions import Action, Actor, may
from consortium.reach import id_of, own_members, reach_consortium
from consortium.reference_data import currency_exponent
from consortium.services.audit import record
from consortium.texts import mark, translate

Row = Mapping[str, Any]

PEOPLE_WRITE = {
    "_minor": "",
    "mass_g": "mass_kg",
    "max_load_g": "max_load_kg",
    "gross_mass_over_g": "gross_mass_over_kg",
    "volume_cm3": "volume_m3",
}
"""Ending of a key -> ending of the column in which templates and exports give it."""

TEXTS_STAY_TEXTS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Options of every workbook that is written: no cell is ever a formula or a link."""

HELP_TITLES = {"es": "Ayuda", "pt": "Ajuda", "en": "Help"}
NOTES = (
    mark("Columns marked with * are needed. Remove the example row before importing."),
    mark("Dates are written as 2027-03-31, lists are separated by semicolons, numbers stand without units."),
    mark("Every column may be left out or moved; its header says its unit, and other units are understood too."),
    mark("Formulas are not read: paste values. Nothing is stored while any row has an error."),
    mark("Members, products, orders and tariffs are named by their codes; a code is used once."),
    mark("An order is one row; further packages of it are rows of the sheet of order lines."),
)

_SEE = {
    "members": Action.SEE_MEMBERS,
    "products": Action.SEE_OWN_ORDERS,
    "orders": Action.SEE_OWN_ORDERS,
    "tariffs": Action.SEE_TARIFFS,
}


def template(kind: str, language: str = "en") -> bytes:
    """Return a workbook to be filled in: headers in a language, an example row, a sheet of notes.

    Parameters
    ----------
    kind
        One of `importing_columns.KINDS`.
    language
        es, pt or en.
    """
    _check_kind(kind)
    example = {sheet: [_example(sheet)] for sheet in SHEETS_OF[kind]}
    return _workbook(kind, example, language, 100, mark_needed=True)


@in_transaction
def export_rows(
    actor: Actor,
    consortium_id: int,
    kind: str,
    *,
    ending: str = ".xlsx",
    language: str = "en",
    session: Session | None = None,
) -> bytes:
    """Return a consortium's members, products, orders or tariffs as a file; members get their own firm's only.

    Parameters
    ----------
    actor
        Who asks.
    consortium_id
        Where.
    kind
        One of `importing_columns.KINDS`; orders that were withdrawn are left out.
    ending
        ``.xlsx``, or ``.csv`` for kinds of one sheet.
    language
        Language of the headers.
    session
        Unit of work to join.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    _check_kind(kind)
    if ending != ".xlsx" and (ending != ".csv" or len(SHEETS_OF[kind]) > 1):
        expected = ".xlsx" if len(SHEETS_OF[kind]) > 1 else ".xlsx or .csv"
        raise InputError([Fault("", "unknown_kind", expected, show(ending))])
    session = need(session)
    consortium = reach_consortium(actor, _SEE[kind], consortium_id, session)
    rows = _Export(actor, consortium, session).sheets(kind)
    money_factor = 10 ** currency_exponent(consortium.currency)
    counts = {sheet: len(found) for sheet, found in rows.items()}
    record(actor, consortium_id, f"export_{kind}", f"consortium {consortium_id}", counts, session=session)
    if ending == ".csv":
        return _csv(kind, rows[kind], language, money_factor)
    return _workbook(kind, rows, language, money_factor, mark_needed=False)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise InputError([Fault("kind", "unknown_value", f"one of {', '.join(KINDS)}", show(kind))])


def _example(sheet: str) -> Row:
    return {one.key: one.example for one in INPUTS[sheet] if one.example != ""}


def _shown_column(sheet: str, one: Input) -> Column:
    """Return the column in which people read a value: kilograms rather than grams, units rather than cents."""
    header = one.key
    for ending, other in PEOPLE_WRITE.items():
        if header.endswith(ending):
            header = header.removesuffix(ending) + other
            break
    return next(column for column in columns_of(sheet) if column.header == header)


def _shown(value: Any, column: Column, money_factor: int) -> str | int | float | date | None:
    """Return a value as its cell shows it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or isinstance(column.kind, Boolean):
        return "yes" if value in (True, "yes") else "no"
    if isinstance(column.kind, Day):
        return date.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(value, int):
        number = Fraction(value, column.factor or money_factor)
        return number.numerator if number.denominator == 1 else float(number)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={number}" for name, number in sorted(value.items())) or None
    if isinstance(value, list | tuple | frozenset):
        return "; ".join(_list_item(one) for one in value) or None
    return str(value)


def _list_item(one: Any) -> str:
    return f"{one['from_units']}={one['amount_minor']}" if isinstance(one, Mapping) else str(one)


def _workbook(
    kind: str, rows: Mapping[str, Iterable[Row]], language: str, money_factor: int, *, mark_needed: bool
) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, TEXTS_STAY_TEXTS) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in SHEETS_OF[kind]:
            page = book.add_worksheet(title_of(sheet, language))
            page.freeze_panes(1, 0)
            columns = [(one, _shown_column(sheet, one)) for one in INPUTS[sheet]]
            for index, (one, column) in enumerate(columns):
                label = label_of(column.header, language) + ("*" if mark_needed and one.required else "")
                page.write_string(0, index, label, bold)
                page.set_column(index, index, max(12, len(label) + 2))
            for number, row in enumerate(rows[sheet], start=1):
                for index, (one, column) in enumerate(columns):
                    _write(page, number, index, _shown(row.get(one.key), column, money_factor), day)
        notes = book.add_worksheet(HELP_TITLES[language])
        notes.set_column(0, 0, 110)
        for number, note in enumerate(NOTES):
            notes.write_string(number, 0, translate(language).gettext(note))
    return buffer.getvalue()


def _write(page: Any, row: int, column: int, value: str | int | float | date | None, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, date):
        page.write_datetime(row, column, value, day)
    elif isinstance(value, str):
        page.write_string(row, column, value)
    else:
        page.write_number(row, column, value)


def _csv(sheet: str, rows: Iterable[Row], language: str, money_factor: int) -> bytes:
    columns = [(one, _shown_column(sheet, one)) for one in INPUTS[sheet]]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([label_of(column.header, language) for _, column in columns])
    for row in rows:
        writer.writerow([_guarded(_shown(row.get(one.key), column, money_factor)) for one, column in columns])
    return text.getvalue().encode("utf-8-sig")


def _guarded(value: str | int | float | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return with_guard(value)
    return value.isoformat() if isinstance(value, date) else str(value)


class _Export:
    """Reads the records of a consortium that an actor may see, as rows of the sheets."""

    def __init__(self, actor: Actor, consortium: Consortium, session: Session) -> None:
        self.session, self.consortium_id = session, id_of(consortium)
        query = select(Member).where(Member.consortium_id == self.consortium_id).order_by(col(Member.code))
        firms = list(session.exec(query))
        if not may(actor, Action.SEE_MEMBERS, self.consortium_id):
            own = own_members(actor, self.consortium_id)
            firms = [one for one in firms if one.id in own]
        self.firms = {id_of(one): one for one in firms}

    def sheets(self, kind: str) -> dict[str, list[Row]]:
        """Return the rows of every sheet of a kind."""
        return {sheet: list(getattr(self, f"_{sheet}")()) for sheet in SHEETS_OF[kind]}

    def _members(self) -> Iterator[Row]:
        yield from (one.model_dump(mode="json") for one in self.firms.values())

    def _products(self) -> Iterator[Row]:
        query = select(Product).where(col(Product.member_id).in_(self.firms)).order_by(col(Product.id))
        for one in self.session.exec(query):
            yield one.model_dump(mode="json") | {"member": self.firms[one.member_id].code}

    def _open_orders(self) -> Iterator[Order]:
        query = (
            select(Order)
            .where(
                Order.consortium_id == self.consortium_id,
                col(Order.member_id).in_(self.firms),
                Order.state != OrderState.WITHDRAWN,
            )
            .order_by(col(Order.id))
        )
        yield from self.session.exec(query)

    def _orders(self) -> Iterator[Row]:
        with_lines = set(self.session.exec(select(OrderLine.order_id)))
        for one in self._open_orders():
            row = one.model_dump(mode="json") | {"member": self.firms[one.member_id].code}
            if one.id in with_lines:
                row |= {"volume_cm3": None, "mass_g": None}
            yield row

    def _order_lines(self) -> Iterator[Row]:
        codes = dict(self.session.exec(select(Product.id, Product.code)).all())
        orders = {id_of(one): one for one in self._open_orders()}
        query = select(OrderLine).where(col(OrderLine.order_id).in_(orders)).order_by(col(OrderLine.id))
        for one in self.session.exec(query):
            order = orders[one.order_id]
            yield one.model_dump(mode="json") | {
                "member": self.firms[order.member_id].code,
                "order": order.code,
                "product": codes.get(one.product_id) if one.product_id else None,
            }

    def _departures(self) -> Iterator[Row]:
        query = select(DepartureRow).where(DepartureRow.consortium_id == self.consortium_id)
        for one in self.session.exec(query.order_by(col(DepartureRow.departure), col(DepartureRow.code))):
            yield one.model_dump(mode="json")

    def _tariffs(self) -> Iterator[Row]:
        query = select(Tariff).where(Tariff.consortium_id == self.consortium_id).order_by(col(Tariff.code))
        for one in self.session.exec(query):
            yield one.model_dump(mode="json")

    def _charges(self) -> Iterator[Row]:
        query = (
            select(ChargeRow, Tariff.code)
            .join(Tariff, col(ChargeRow.tariff_id) == col(Tariff.id))
            .where(Tariff.consortium_id == self.consortium_id)
            .order_by(col(Tariff.code), col(ChargeRow.id))
        )
        for one, code in self.session.exec(query):
            row = one.model_dump(mode="json")
            priced = "rate_ppm" if one.basis == "value" else "amount_minor"
            unused = {"rate_ppm", "amount_minor"} - {priced}
            yield row | dict(one.filters) | {"tariff": code} | dict.fromkeys(unused)
