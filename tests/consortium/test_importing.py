"""Import and export: all or nothing, every bad cell by its place, nothing dropped, nothing executed."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlmodel import Session, select
from typer.testing import CliRunner

from consortium import exporting, importing
from consortium.cli import make_app
from consortium.database import engine, unit_of_work
from consortium.errors import InputError, NotFoundError
from consortium.importing import ImportReport, dry_run, import_rows, operator_of
from consortium.importing_columns import INPUTS, KINDS, SHEETS_OF, columns_of, headers_of, label_of
from consortium.models import AuditEvent, ChargeRow, DepartureRow, Member, Order, OrderLine, Product, Tariff
from consortium.permissions import ForbiddenError
from consortium.services import passwords
from consortium.texts import translate
from tests.consortium.builders import World, make_world

Rows = list[list[Any]]
ORDER_HEADER = ["member", "code", "origin", "destination", "ready_date", "due_date", "value", "volume_m3", "mass_kg"]


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def order(code: str, member: str = "andina", **changes: Any) -> list[Any]:
    values = dict(
        zip(ORDER_HEADER, [member, code, "COCTG", "NLRTM", "2027-03-01", "2027-05-01", 1500.5, 2.5, 900], strict=True)
    )
    return list((values | changes).values())


def orders(*rows: list[Any]) -> bytes:
    return workbook({"orders": [ORDER_HEADER, *rows]})


def stored(model: type, world: World) -> int:
    with unit_of_work() as session:
        return len(session.exec(select(model)).all())


def place(report: ImportReport, index: int = 0) -> tuple[str, str, int | None, str]:
    fault = report.refused[index]
    return fault.place.file, fault.place.sheet, fault.place.row, fault.place.column


def test_orders_are_stored_with_exact_amounts(world: World) -> None:
    report = import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-1"), order("O-2")))
    assert (report.rows, report.accepted, report.refused_rows, report.objects) == (2, 2, 0, 2)
    assert report.stored
    with unit_of_work() as session:
        found = session.exec(select(Order).where(Order.code == "O-1")).one()
    assert (found.value_minor, found.volume_cm3, found.mass_g) == (150_050, 2_500_000, 900_000)
    assert found.member_id == world.members["andina"]


def test_one_bad_row_stores_nothing_and_is_named_by_its_place(world: World) -> None:
    content = orders(order("O-1"), order("O-2", ready_date="1 March"), order("O-3"))
    report = import_rows(world.manager, world.consortium_id, "orders", "march.xlsx", content)
    assert not report.stored
    assert (report.rows, report.accepted, report.refused_rows) == (3, 2, 1)
    assert place(report) == ("march.xlsx", "orders", 3, "ready_date")
    assert report.refused[0].found == '"1 March"'
    assert stored(Order, world) == 0
    assert stored(AuditEvent, world) == 0


def test_only_valid_rows_are_stored_when_that_is_asked(world: World) -> None:
    content = orders(order("O-1"), order("O-2", mass_kg=-1), order("O-3"))
    report = import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", content, only_valid=True)
    assert report.stored
    assert report.accepted + report.refused_rows == report.rows == 3
    assert stored(Order, world) == 2


def test_a_dry_run_finds_the_same_and_stores_nothing(world: World) -> None:
    content = orders(order("O-1"), order("O-1"), order("O-3", destination="XXXXX"))
    tried = dry_run(world.manager, world.consortium_id, "orders", "o.xlsx", content)
    done = import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", content)
    assert tried == done
    assert not tried.stored
    assert stored(Order, world) == 0
    clean = dry_run(world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-1")))
    assert (clean.accepted, clean.refused, clean.stored) == (1, (), False)
    assert stored(Order, world) == 0


def test_an_order_written_twice_is_refused_by_place(world: World) -> None:
    report = dry_run(world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-1"), order("O-1")))
    assert [fault.code for fault in report.refused] == ["duplicate"]
    assert place(report) == ("o.xlsx", "orders", 3, "code")
    assert "row 2" in report.refused[0].expected


def test_an_order_that_is_there_already_is_refused_by_place(world: World) -> None:
    import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-1")))
    again = import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-2"), order("O-1")))
    assert [fault.code for fault in again.refused] == ["duplicate"]
    assert place(again)[2:] == (3, "code")
    assert stored(Order, world) == 1


def test_two_members_may_use_the_same_order_code(world: World) -> None:
    content = orders(order("O-1"), order("O-1", member="bahia"))
    assert import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", content).stored


def test_all_faults_of_all_rows_are_told_at_once(world: World) -> None:
    content = orders(order("O-1", member="nobody"), order("O-2", mass_kg=0.0001), order("", volume_m3="many"))
    report = dry_run(world.manager, world.consortium_id, "orders", "o.xlsx", content)
    assert {(fault.place.row, fault.place.column) for fault in report.refused} == {
        (2, "member"),
        (3, "mass_kg"),
        (4, "volume_m3"),
    }
    assert report.refused_rows == 3


def test_a_formula_is_refused_wherever_it_stands(world: World) -> None:
    content = orders(order("O-1", value="=1+1"), order("=HYPERLINK(1)"))
    report = dry_run(world.manager, world.consortium_id, "orders", "o.xlsx", content)
    assert [(fault.code, fault.place.row) for fault in report.refused if fault.code == "formula"] == [
        ("formula", 2),
        ("formula", 3),
    ]
    assert report.refused_rows == 2


def test_lines_go_to_their_orders_and_products_fill_in_sizes(world: World) -> None:
    product = workbook(
        {
            "products": [
                [
                    "member",
                    "code",
                    "name",
                    "package_length_cm",
                    "package_width_cm",
                    "package_height_cm",
                    "package_mass_kg",
                ],
                ["andina", "PAL", "pallet", 120, 80, 100, 300],
            ]
        }
    )
    assert import_rows(world.manager, world.consortium_id, "products", "p.xlsx", product).stored
    content = workbook(
        {
            "orders": [[*ORDER_HEADER[:-2], "product", "quantity"], [*order("O-1")[:-2], "PAL", 3]],
            "order lines": [
                ["member", "order", "code", "quantity", "length_mm", "width_mm", "height_mm", "mass_kg"],
                ["andina", "O-1", "2", 5, 400, 300, 200, 7.5],
            ],
        }
    )
    report = import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", content)
    assert report.refused == ()
    assert (report.rows, report.accepted, report.objects) == (2, 2, 1)
    with unit_of_work() as session:
        lines = session.exec(select(OrderLine).order_by(OrderLine.code)).all()
        assert [(line.quantity, line.length_mm, line.mass_g) for line in lines] == [(3, 1200, 300_000), (5, 400, 7_500)]
        assert session.exec(select(Order)).one().mass_g == 3 * 300_000 + 5 * 7_500


def test_faults_of_lines_name_the_row_of_the_line(world: World) -> None:
    content = workbook(
        {
            "orders": [ORDER_HEADER[:-2], order("O-1")[:-2]],
            "order_lines": [
                ["member", "order", "quantity", "product"],
                ["andina", "O-1", 2, "NOTHING"],
                ["andina", "O-9", 2, "PAL"],
            ],
        }
    )
    report = dry_run(world.manager, world.consortium_id, "orders", "o.xlsx", content)
    assert [(fault.path, *place(report, index)[1:]) for index, fault in enumerate(report.refused)] == [
        ("product", "order_lines", 2, "product"),
        ("order", "order_lines", 3, "order"),
    ]
    assert report.refused_rows == report.rows == 3


def test_a_member_imports_orders_of_its_own_firm_only(world: World) -> None:
    content = orders(order("O-1"), order("O-2", member="bahia"))
    report = import_rows(world.member, world.consortium_id, "orders", "o.xlsx", content)
    assert [fault.code for fault in report.refused] == ["unknown_reference"]
    assert place(report)[2:] == (3, "member")
    unknown = dry_run(world.member, world.consortium_id, "orders", "o.xlsx", orders(order("O-2", member="never")))
    assert (unknown.refused[0].code, unknown.refused[0].expected) == (
        report.refused[0].code,
        report.refused[0].expected,
    )
    assert import_rows(world.member, world.consortium_id, "orders", "o.xlsx", orders(order("O-1"))).stored


@pytest.mark.parametrize("kind", ["members", "tariffs"])
def test_a_member_may_not_import_what_managers_decide(world: World, kind: str) -> None:
    with pytest.raises(ForbiddenError):
        dry_run(world.member, world.consortium_id, kind, "o.xlsx", b"")


def test_another_consortium_is_not_found(world: World) -> None:
    other = make_world("otro")
    with pytest.raises(NotFoundError):
        dry_run(world.manager, other.consortium_id, "orders", "o.xlsx", orders(order("O-1")))


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("o.pdf", b"%PDF", "unknown_kind"),
        ("o.xlsx", b"", "empty_file"),
        ("o.xlsx", b"not a workbook", "damaged_file"),
        ("o.csv", b"\xff\xfea", "bad_encoding"),
        ("o.csv", b"", "empty_file"),
    ],
)
def test_a_file_that_cannot_be_opened_is_named(world: World, filename: str, content: bytes, code: str) -> None:
    try:
        faults = dry_run(world.manager, world.consortium_id, "orders", filename, content).refused
    except InputError as error:
        faults = error.faults
    assert [fault.code for fault in faults] == [code]
    assert faults[0].place.file == filename


def test_a_name_with_folders_stays_a_name(world: World) -> None:
    content = b"member;code\nandina;O-1\n"
    report = dry_run(world.manager, world.consortium_id, "orders", "../../etc/x\\y.csv", content)
    assert report.refused
    assert {fault.place.file for fault in report.refused} == {"../../etc/x\\y.csv"}


def test_an_unknown_column_refuses_the_file_but_loses_no_row(world: World) -> None:
    content = workbook({"orders": [[*ORDER_HEADER, "colour"], [*order("O-1"), "red"]]})
    report = import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", content)
    assert [fault.code for fault in report.refused] == ["unknown_column"]
    assert place(report)[2:] == (1, "colour")
    assert not report.stored


def test_csv_numbers_need_their_format_stated(world: World) -> None:
    header = "member;code;origin;destination;ready_date;value;volume_m3;mass_kg"
    text = header + "\nandina;O-1;COCTG;NLRTM;2027-03-01;{};2;900\n"
    plain = text.format("1.500,50").encode()
    assert not dry_run(world.manager, world.consortium_id, "orders", "o.csv", plain).accepted
    stated = import_rows(world.manager, world.consortium_id, "orders", "o.csv", plain, number_format="1.234,5")
    assert stated.stored
    with unit_of_work() as session:
        assert session.exec(select(Order)).one().value_minor == 150_050


def test_amounts_of_a_currency_without_cents_are_whole(database: str) -> None:
    world = make_world(currency="CLP")
    report = import_rows(world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-1", value=1500)))
    assert report.stored
    with unit_of_work() as session:
        assert session.exec(select(Order)).one().value_minor == 1500
    bad = dry_run(world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-2", value=0.5)))
    assert [fault.code for fault in bad.refused] == ["not_whole"]


def test_tariffs_come_with_departures_and_charges_that_refer_to_them(world: World) -> None:
    content = workbook(
        {
            "charges": [
                ["tariff", "code", "basis", "amount", "steps", "modes", "departures"],
                ["T-1", "OFR", "container", 1450, None, "fcl", "S-1"],
                ["T-1", "DOC", "member", None, "0=3000; 3=2500", None, None],
                ["T-9", "BL", "bill_of_lading", 65, None, None, None],
            ],
            "tariffs": [["code", "valid_from"], ["T-1", "2027-01-01"]],
            "departures": [
                ["code", "origin", "destination", "cut_off", "departure", "arrival"],
                ["S-1", "COCTG", "NLRTM", "2027-03-08", "2027-03-11", "2027-03-29"],
            ],
        }
    )
    report = import_rows(world.manager, world.consortium_id, "tariffs", "t.xlsx", content, only_valid=True)
    assert [(fault.code, *place(report, index)[1:]) for index, fault in enumerate(report.refused)] == [
        ("unknown_reference", "charges", 4, "tariff")
    ]
    assert [stored(model, world) for model in (DepartureRow, Tariff, ChargeRow)] == [1, 1, 2]
    with unit_of_work() as session:
        charge = session.exec(select(ChargeRow).where(ChargeRow.code == "DOC")).one()
        assert charge.steps == [{"from": 0, "amount_minor": 3000}, {"from": 3, "amount_minor": 2500}]


def test_an_import_joins_the_unit_of_work_it_is_given(world: World) -> None:
    with Session(engine()) as session:
        report = import_rows(
            world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-1")), session=session
        )
        refused = import_rows(
            world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-2"), order("")), session=session
        )
        codes = session.exec(select(Order.code)).all()
        session.rollback()
    assert (report.stored, refused.stored, codes) == (True, False, ["O-1"])
    assert stored(Order, world) == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_a_template_is_understood_in_every_language_and_its_example_is_never_stored(
    world: World, kind: str, language: str
) -> None:
    content = exporting.template(kind, language)
    report = import_rows(world.manager, world.consortium_id, kind, "t.xlsx", content, only_valid=True)
    assert {fault.code for fault in report.refused} == {"example_row"}
    assert not report.stored
    book = load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == len(SHEETS_OF[kind]) + 1
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)


@pytest.mark.parametrize("sheet", INPUTS)
def test_no_two_columns_of_a_sheet_have_the_same_name(sheet: str) -> None:
    for language in ("es", "pt", "en"):
        names = [label_of(column.header, language) for column in columns_of(sheet)]
        assert len(set(names)) == len(names), (sheet, language)
    assert {column.header for column in columns_of(sheet)} == {one.header for one in headers_of(sheet).values()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_exported_can_be_imported_elsewhere_and_exported_the_same(world: World, kind: str) -> None:
    from consortium.demo import load_demo

    accounts = load_demo("caracola-2027-mar")
    assert accounts.created
    with unit_of_work() as session:
        andes = session.exec(select(Member.consortium_id).where(Member.code == "SIERRA")).one()
    other = make_world("copia", currency="USD")
    before = KINDS[: KINDS.index(kind) + 1] if kind == "orders" else ("members", kind)
    for one in dict.fromkeys(before):
        exported = exporting.export_rows(operator_of(andes), andes, one, language="pt")
        report = import_rows(other.manager, other.consortium_id, one, "e.xlsx", exported)
        assert report.refused == ()
        assert report.stored
    again = exporting.export_rows(operator_of(andes), andes, kind, language="pt")
    copy = exporting.export_rows(other.manager, other.consortium_id, kind, language="pt")
    assert _cells(again) <= _cells(copy)


def _cells(content: bytes) -> set[tuple[str, tuple[Any, ...]]]:
    return {
        (page.title, tuple(cell.value for cell in row))
        for page in load_workbook(io.BytesIO(content))
        for row in page.iter_rows()
    }


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "-2", "@x", "'=quoted", "http://example.org"])
@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_text_that_looks_like_a_formula_stays_a_text(world: World, name: str, ending: str) -> None:
    with unit_of_work() as session:
        firm = session.get_one(Member, world.members["andina"])
        firm.name = name
        session.add(firm)
    content = exporting.export_rows(world.manager, world.consortium_id, "members", ending=ending)
    if ending == ".xlsx":
        cells = [cell for page in load_workbook(io.BytesIO(content)) for row in page.iter_rows() for cell in row]
        assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
        assert name in {cell.value for cell in cells}
    else:
        fields = content.decode("utf-8-sig").replace('"', "").replace("\r\n", ",").split(",")
        assert not any(field.startswith(("=", "+", "-", "@")) for field in fields)
    other = make_world("copia", firms=("x", "y"))
    report = import_rows(other.manager, other.consortium_id, "members", f"m{ending}", content)
    assert report.refused == ()
    with unit_of_work() as session:
        query = select(Member.name).where(Member.consortium_id == other.consortium_id, Member.code == "andina")
        assert session.exec(query).one() == name


def test_a_member_exports_its_own_orders_only(world: World) -> None:
    import_rows(
        world.manager, world.consortium_id, "orders", "o.xlsx", orders(order("O-1"), order("R-7", member="bahia"))
    )
    content = exporting.export_rows(world.member, world.consortium_id, "orders")
    values = {value for _, row in _cells(content) for value in row}
    assert "O-1" in values
    assert not {"R-7", "bahia"} & values
    with pytest.raises(ForbiddenError):
        exporting.export_rows(world.agency, world.consortium_id, "orders")


@pytest.fixture
def run(world: World) -> Callable[..., Any]:
    runner = CliRunner()

    def call(*arguments: str) -> Any:
        return runner.invoke(make_app(translate("en")), list(arguments))

    return call


def test_the_command_line_imports_as_the_local_operator(world: World, run: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "o.xlsx"
    file.write_bytes(orders(order("O-1")))
    tried = run("import", "orders", str(file), "--dry-run")
    assert (tried.exit_code, stored(Order, world)) == (0, 0)
    assert run("import", "orders", str(file), "--consortium", "cafe").exit_code == 0
    assert stored(Order, world) == 1
    assert run("import", "orders", str(file)).exit_code == 2
    assert run("import", "orders", str(file), "--user", "cafe-agency").exit_code != 0


def test_the_command_line_writes_templates_and_exports(run: Callable[..., Any], tmp_path: Path) -> None:
    assert run("template", "orders", str(tmp_path / "t.xlsx"), "--lang", "es").exit_code == 0
    assert load_workbook(tmp_path / "t.xlsx").sheetnames == ["Pedidos", "Líneas de pedido", "Ayuda"]
    assert run("export", "members", str(tmp_path / "m.csv"), "--consortium", "cafe").exit_code == 0
    assert (tmp_path / "m.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("andina,Andina,firm,CO")


def test_unknown_kinds_and_number_formats_are_named(world: World) -> None:
    with pytest.raises(InputError, match="one of members"):
        dry_run(world.manager, world.consortium_id, "payments", "p.xlsx", b"")
    with pytest.raises(InputError, match=r"1234\.5"):
        dry_run(world.manager, world.consortium_id, "orders", "p.xlsx", b"", number_format="1 234")
    with pytest.raises(InputError, match="one of members"):
        exporting.template("payments")
    assert stored(Product, world) == 0
    assert importing.KINDS == KINDS
