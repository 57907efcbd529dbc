"""How a foreign table becomes orders: a mapping in TOML says which column is what, and what cannot be used.

The format is described in `data/mappings/README.md`. Nothing is guessed: a cell that the mapping does not cover is a
fault with its place, and what is derived (packages from a mass, a ready date from a due date) is said in the mapping.
"""

import re
import tomllib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from consortium.draft_kinds import Currency, Day, Vertical, faults_of
from consortium.errors import Fault, InputError, InputFault
from consortium.formats.cells import CellReader, Trouble
from consortium.formats.columns import Column
from consortium.formats.json_text import show
from consortium.formats.kinds import Integer
from consortium.formats.numbers import NUMBER_FORMATS
from consortium.formats.tables import Table
from consortium.importing_tables import Entry, Sheets, read_tables
from consortium.joint_lines import JointLines, JointRule, SourceLine
from consortium.reference_data import container_types, currency_exponent
from optimizer.problem import ContainerType
from optimizer.units import ceil_division

MAPPING_FORMAT = "consortium/mapping@1"
EXTRA_KEYS = frozenset({"member_name", "recorded_freight_minor"})
"""Values of a mapped entry that are no fields of an order."""

MOST_CODE_CHARACTERS = 40
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_MASS_G = {"g": 1, "kg": 1_000, "t": 1_000_000}


def _number_format(value: str) -> str:
    if value not in NUMBER_FORMATS:
        raise ValueError(f"expected one of {'; '.join(NUMBER_FORMATS)}")
    return value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewMember(_Part):
    """Firms of the file that the consortium does not have yet are registered with these values."""

    joined_on: Day
    country: str = ""
    sector: str = ""


class MassRule(_Part):
    """Where the mass of a line stands."""

    column: str
    unit: Literal["g", "kg", "t"] = "kg"


class Packaging(_Part):
    """Packages derived from the mass: equal cartons, the last one lighter; the volume follows from them."""

    length_mm: Annotated[int, Field(ge=1)]
    width_mm: Annotated[int, Field(ge=1)]
    height_mm: Annotated[int, Field(ge=1)]
    mass_g: Annotated[int, Field(ge=1)]
    vertical: Vertical = ("height",)
    description: str = ""


class Mapping(_Part):
    """A mapping as written; see `data/mappings/README.md` for each key."""

    format: Literal["consortium/mapping@1"]
    kind: Literal["orders"] = "orders"
    title: str = ""
    note: str = ""
    sheet: str = ""
    currency: Currency
    number_format: Annotated[str, AfterValidator(_number_format)] = "1234.5"
    date_format: str = "%Y-%m-%d"
    order: dict[str, str | int]
    mass: MassRule
    packaging: Packaging
    recorded_freight: str = ""
    ready_days_before_due: Annotated[int, Field(ge=0, le=3650)] = 0
    divisible: Literal["always", "never", "when_too_large"] = "when_too_large"
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    unusable: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    joint: JointRule | None = None
    new_member: NewMember | None = None


ORDER_TEXTS = frozenset(
    {
        "code",
        "member",
        "member_name",
        "buyer",
        "origin",
        "destination",
        "cargo_class",
        "incoterm",
        "named_place",
        "note",
    }
)
ORDER_KEYS = ORDER_TEXTS | {"due_date", "ready_date", "value", "delay_cost_ppm_per_day"}
NEEDED_KEYS = ("code", "origin", "destination", "due_date", "value")


def parse_mapping(text: str) -> Mapping:
    """Read a mapping.

    Parameters
    ----------
    text
        TOML, format ``consortium/mapping@1``.

    Raises
    ------
    InputError
        With all faults; paths start with ``mapping``.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault("mapping", "bad_toml", "valid TOML", str(error))]) from error
    try:
        found = Mapping(**values)
    except ValidationError as refused:
        faults = [Fault(f"mapping.{one.path}", one.code, one.expected, one.found) for one in faults_of(refused)]
        raise InputError(faults) from None
    faults = [
        Fault(f"mapping.order.{key}", "unknown_key", f"one of {', '.join(sorted(ORDER_KEYS))}", show(key))
        for key in found.order
        if key not in ORDER_KEYS
    ]
    faults += [
        Fault(f"mapping.order.{key}", "missing", "a text with {column} in it", "nothing")
        for key in NEEDED_KEYS
        if key not in found.order
    ]
    if not {"member", "member_name"} & set(found.order):
        faults.append(Fault("mapping.order.member", "missing", "member or member_name", "nothing"))
    if faults:
        raise InputError(faults)
    return found


def read_mapped(rules: Mapping, filename: str, content: bytes) -> Sheets:
    """Read a foreign table as orders.

    Parameters
    ----------
    rules
        The mapping.
    filename, content
        A table .csv, or a workbook .xlsx of which the mapping names the sheet.

    Returns
    -------
    Sheets
        One entry for every order, and one with faults for every line that cannot be used; none is dropped.

    Raises
    ------
    InputError
        When the file may not be opened, or lacks a column that the mapping names.
    """
    known = (rules.sheet or "orders",)
    tables = read_tables(filename, content, lambda title: "orders" if rules.sheet in ("", title) else None, known)
    if "orders" not in tables.tables:
        raise InputError(tables.faults or [Fault("", "missing_sheet", known[0], "nothing")])
    table = tables.tables["orders"]
    _check_columns(rules, table)
    mapper = _Mapper(rules, table)
    entries = mapper.entries()
    broken = {fault.place.row: fault for fault in tables.faults if fault.place.row is not None}
    for entry in entries:
        if entry.place.row in broken:
            entry.faults.append(broken[entry.place.row])
    whole = tuple(fault for fault in tables.faults if fault.place.row is None)
    return Sheets({"orders": entries}, len(table.rows), whole, tables.warnings)


def _check_columns(rules: Mapping, table: Table) -> None:
    named = [name for text in rules.order.values() for name in _PLACEHOLDER.findall(str(text))]
    named += [rules.mass.column, *rules.unusable]
    named += [rules.recorded_freight] if rules.recorded_freight else []
    named += [rules.joint.line, *rules.joint.columns, *rules.joint.same] if rules.joint else []
    faults = [
        InputFault("", "missing_column", show(name), ", ".join(table.header)[:200], table.place(1))
        for name in dict.fromkeys(named)
        if name not in table.header
    ]
    faults += [
        InputFault("", "duplicate_header", f"{show(name)} only once", "twice", table.place(1, name))
        for name in dict.fromkeys(named)
        if table.header.count(name) > 1
    ]
    if faults:
        raise InputError(faults)


class _Mapper:
    """Turns the rows of one table into entries."""

    def __init__(self, rules: Mapping, table: Table) -> None:
        self.rules, self.table = rules, table
        self.reader = CellReader(rules.number_format, 10 ** currency_exponent(rules.currency))
        self.lines = [
            SourceLine(number, dict(zip(table.header, cells, strict=False)), table) for number, cells in table.rows
        ]
        self.names: dict[str, str] = {}

    def entries(self) -> list[Entry]:
        """Return an entry for every order and for every line that cannot be used, in the order of the rows."""
        joint = JointLines(self.rules.joint, self.lines)
        marked = {line.number: fault for line in self.lines if (fault := self._unusable(line)) is not None}
        found: list[Entry] = []
        for line in self.lines:
            if line.number in joint.followers:
                continue
            followers = joint.covered_by(line)
            if line.number in joint.faults or line.number in marked:
                fault = marked.get(line.number) or joint.faults[line.number]
                found.append(self._refused(line, fault))
                found += [self._refused(one, joint.without_measure(one, line)) for one in followers]
                continue
            found.append(self._order(line, followers))
        return sorted(found, key=lambda entry: entry.place.row or 0)

    def _unusable(self, line: SourceLine) -> InputFault | None:
        for column, texts in self.rules.unusable.items():
            if line.cells[column] in texts:
                text = str(line.cells[column])
                return InputFault(
                    column, "unusable_value", "a value of this line's own", show(text), line.place(column)
                )
        return None

    def _refused(self, line: SourceLine, fault: InputFault) -> Entry:
        return Entry({}, line.place(), faults=[fault])

    def _order(self, line: SourceLine, followers: list[SourceLine]) -> Entry:
        """Return the order of a line and of those whose mass and freight it carries; the value is their sum."""
        entry = Entry({}, line.place(), rows=1 + len(followers))
        for key, template in self.rules.order.items():
            if key in ORDER_TEXTS:
                self._text(entry, line, key, str(template))
        self._member(entry)
        self._dates(entry, line)
        amounts = [self._money(entry, one, str(self.rules.order["value"])) for one in (line, *followers)]
        entry.values["value_minor"] = sum(amounts)
        entry.values["currency"] = self.rules.currency
        if "delay_cost_ppm_per_day" in self.rules.order:
            entry.values["delay_cost_ppm_per_day"] = self.rules.order["delay_cost_ppm_per_day"]
        freight = self.reader_or_none(line, self.rules.recorded_freight)
        if freight is not None:
            entry.values["recorded_freight_minor"] = freight
        mass_g = self._mass(entry, line)
        if mass_g:
            self._pack(entry, mass_g)
        return entry

    def _text(self, entry: Entry, line: SourceLine, key: str, template: str) -> None:
        columns = _PLACEHOLDER.findall(template)
        text = _PLACEHOLDER.sub(lambda found: _shown(line.cells[found[1]]), template).strip()
        if columns:
            entry.cells[key] = line.place(columns[0])
        text = self.rules.values.get(key, {}).get(text, text)
        if text or key == "code":
            entry.values[key] = text[:1000] if key == "note" else text

    def _member(self, entry: Entry) -> None:
        name = entry.values.get("member_name", "")
        if "member" not in entry.values and name:
            code = code_of(name)
            other = self.names.setdefault(code, name)
            if other != name:
                expected = f"a name whose code {code} is not that of {other}"
                place = entry.cells.get("member_name", entry.place)
                entry.faults.append(InputFault("member", "duplicate", expected, show(name), place))
            entry.values["member"] = code
        if not entry.values.get("member"):
            place = entry.cells.get("member_name", entry.cells.get("member", entry.place))
            entry.faults.append(InputFault("member", "missing", "the name of a firm", "nothing", place))
        if "member_name" in entry.cells:
            entry.cells["member"] = entry.cells["member_name"]

    def _dates(self, entry: Entry, line: SourceLine) -> None:
        due = self._date(entry, line, "due_date")
        if due is None:
            return
        entry.values["due_date"] = due
        if "ready_date" in self.rules.order:
            ready = self._date(entry, line, "ready_date")
            if ready is not None:
                entry.values["ready_date"] = ready
        else:
            entry.values["ready_date"] = due - timedelta(days=self.rules.ready_days_before_due)

    def _date(self, entry: Entry, line: SourceLine, key: str) -> date | None:
        column = _PLACEHOLDER.findall(str(self.rules.order[key]))[0]
        cell = line.cells[column]
        entry.cells[key] = line.place(column)
        if isinstance(cell, date):
            return cell
        try:
            return datetime.strptime(str(cell), self.rules.date_format).date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            found = "nothing" if cell is None else show(cell)
            expected = f"a date as {self.rules.date_format}"
            code = "missing" if cell is None else "wrong_date"
            entry.faults.append(InputFault(key, code, expected, found, line.place(column)))
            return None

    def _money(self, entry: Entry, line: SourceLine, template: str) -> int:
        column = _PLACEHOLDER.findall(template)[0]
        entry.cells.setdefault("value", line.place(column))
        entry.cells.setdefault("value_minor", line.place(column))
        return self._whole(entry, line, column, Column(column, "value_minor", Integer(), 0))

    def _mass(self, entry: Entry, line: SourceLine) -> int:
        rule = self.rules.mass
        entry.cells["mass_g"] = line.place(rule.column)
        mass_g = self._whole(entry, line, rule.column, Column(rule.column, "mass_g", Integer(), _MASS_G[rule.unit]))
        if mass_g <= 0 and not any(one.path == "mass_g" for one in entry.faults):
            found = show(line.cells[rule.column])
            entry.faults.append(InputFault("mass_g", "out_of_range", "a mass > 0", found, line.place(rule.column)))
        return mass_g

    def _whole(self, entry: Entry, line: SourceLine, column: str, kind: Column) -> int:
        cell = line.cells[column]
        if cell is None:
            entry.faults.append(InputFault(kind.key, "missing", "a number", "nothing", line.place(column)))
            return 0
        try:
            return self.reader.whole(cell, kind)
        except Trouble as trouble:
            fault = InputFault(kind.key, trouble.code, trouble.expected, trouble.found, line.place(column))
            entry.faults.append(fault)
            return 0

    def reader_or_none(self, line: SourceLine, column: str) -> int | None:
        """Return an amount where the column has one, None for any text: what was paid is only told, never used."""
        cell = line.cells.get(column) if column else None
        if cell is None:
            return None
        try:
            return self.reader.whole(cell, Column(column, "recorded_freight_minor", Integer(), 0))
        except Trouble:
            return None

    def _pack(self, entry: Entry, mass_g: int) -> None:
        """Derive equal cartons, the last one lighter, and whether the goods may travel apart."""
        box = self.rules.packaging
        count = ceil_division(mass_g, box.mass_g)
        rest = mass_g - (count - 1) * box.mass_g
        sizes = {"length_mm": box.length_mm, "width_mm": box.width_mm, "height_mm": box.height_mm}
        parts = [("1", count, box.mass_g)] if rest == box.mass_g else [("1", count - 1, box.mass_g), ("2", 1, rest)]
        for code, quantity, mass in parts:
            if quantity:
                values = {"code": code, "quantity": quantity, **sizes, "mass_g": mass}
                values |= {"vertical": list(box.vertical), "description": box.description}
                entry.lines.append(Entry(values, entry.place, {"mass_g": entry.cells["mass_g"]}))
        volume_mm3 = count * box.length_mm * box.width_mm * box.height_mm
        if self.rules.divisible == "when_too_large":
            cargo_class = entry.values.get("cargo_class", "dry")
            types = container_types().values()
            entry.values["divisible"] = is_too_large(volume_mm3, mass_g, cargo_class, types)
        else:
            entry.values["divisible"] = self.rules.divisible == "always"


def is_too_large(volume_mm3: int, mass_g: int, cargo_class: str, types: Iterable[ContainerType]) -> bool:
    """Say whether goods fit no container of these types whole."""
    return not any(
        cargo_class in one.cargo_classes and volume_mm3 <= one.usable_volume_mm3 and mass_g <= one.payload_g
        for one in types
    )


def code_of(name: str) -> str:
    """Return a member code made of a name: capital letters and digits joined by hyphens."""
    code = re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")
    return code[:MOST_CODE_CHARACTERS].rstrip("-") or "MEMBER"


def _shown(cell: Any) -> str:
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
