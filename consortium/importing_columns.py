"""The sheets that can be imported and exported: their columns, what people call them, an example row.

Columns that the problem format has too keep its words (`formats.header_words`); the others are named here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from consortium.formats.codes import INCOTERMS, CurrencyCode, PortCode
from consortium.formats.columns import UNITS, Column, normal
from consortium.formats.columns import labels as format_labels
from consortium.formats.kinds import Boolean, Day, Integer, Kind, ListOf, MapOf, OneOf, Text
from consortium.formats.problem_fields import STEP
from consortium.models import MemberKind
from optimizer.problem import DIMENSIONS, AllocationKey, Basis, IncotermStage, Mode

KINDS = ("members", "products", "orders", "tariffs")
"""What can be imported and exported."""

SHEETS_OF: dict[str, tuple[str, ...]] = {
    "members": ("members",),
    "products": ("products",),
    "orders": ("orders", "order_lines"),
    "tariffs": ("departures", "tariffs", "charges"),
}
"""Kind -> its sheets, in the order in which their rows are stored."""

EXAMPLE = "EXAMPLE"
"""Code of the example row of a template: refused, so that nobody stores it by mistake."""

TEXT = Text()
WHOLE = Integer()
TEXTS = ListOf(TEXT)

_WORDS: dict[str, tuple[str, str, str]] = {
    "kind": ("Tipo", "Tipo", "Kind"),
    "country": ("País", "País", "Country"),
    "tax_id": ("Identificación tributaria", "Identificação fiscal", "Tax id"),
    "sector": ("Sector", "Setor", "Sector"),
    "represented_units": ("Unidades representadas", "Unidades representadas", "Represented units"),
    "joined_on": ("Miembro desde", "Membro desde", "Joined on"),
    "package_length": ("Largo del bulto", "Comprimento do volume", "Package length"),
    "package_width": ("Ancho del bulto", "Largura do volume", "Package width"),
    "package_height": ("Alto del bulto", "Altura do volume", "Package height"),
    "package_mass": ("Masa del bulto", "Massa do volume", "Package mass"),
    "buyer": ("Comprador", "Comprador", "Buyer"),
    "named_place": ("Lugar convenido", "Local designado", "Named place"),
    "note": ("Nota", "Observação", "Note"),
    "order": ("Pedido", "Pedido", "Order"),
    "product": ("Producto", "Produto", "Product"),
    "tariff": ("Tarifa", "Tarifa", "Tariff"),
    "valid_from": ("Válida desde", "Válida desde", "Valid from"),
    "valid_to": ("Válida hasta", "Válida até", "Valid to"),
    "source": ("Fuente", "Fonte", "Source"),
}
"""Column without its unit -> Spanish, Portuguese and English names, of those that no problem has."""

_TITLES: dict[str, tuple[str, str, str]] = {
    "members": ("Miembros", "Membros", "Members"),
    "products": ("Productos", "Produtos", "Products"),
    "orders": ("Pedidos", "Pedidos", "Orders"),
    "order_lines": ("Líneas de pedido", "Linhas de pedido", "Order lines"),
    "departures": ("Salidas", "Saídas", "Departures"),
    "tariffs": ("Tarifas", "Tarifas", "Tariffs"),
    "charges": ("Cargos", "Taxas", "Charges"),
}
_LANGUAGES = ("es", "pt", "en")


@dataclass(frozen=True, slots=True)
class Input:
    """One value of a row.

    Parameters
    ----------
    key
        Field of the draft, with its unit.
    kind
        How its cells are read.
    example
        What the template shows.
    required
        Whether the template marks it as needed.
    """

    key: str
    kind: Kind = TEXT
    example: str | int = ""
    required: bool = False


_SIZES = ("length_mm", "width_mm", "height_mm")
_UPRIGHT = Input("vertical", ListOf(OneOf(DIMENSIONS)), "height")
_PACKAGE = (Input("product", TEXT, "VERDE"), Input("quantity", WHOLE, 10))

INPUTS: dict[str, tuple[Input, ...]] = {
    "members": (
        Input("code", TEXT, EXAMPLE, required=True),
        Input("name", TEXT, "Café de la Montaña S.A.S.", required=True),
        Input("kind", OneOf(MemberKind), "firm"),
        Input("country", TEXT, "CO", required=True),
        Input("tax_id", TEXT, "900000000-1"),
        Input("sector", TEXT, "café"),
        Input("represented_units", WHOLE, 1),
        Input("joined_on", Day(), "2026-01-15", required=True),
    ),
    "products": (
        Input("member", TEXT, "MONTANA", required=True),
        Input("code", TEXT, EXAMPLE, required=True),
        Input("name", TEXT, "Café verde, saco de 70 kg", required=True),
        Input("hs", TEXT, "090111"),
        Input("cargo_class", TEXT, "food"),
        *(
            Input(f"package_{name}", WHOLE, size, required=True)
            for name, size in zip(_SIZES, (950, 600, 200), strict=True)
        ),
        Input("package_mass_g", WHOLE, 71_000, required=True),
        _UPRIGHT,
        Input("max_load_g", WHOLE, 500_000),
    ),
    "orders": (
        Input("member", TEXT, "MONTANA", required=True),
        Input("code", TEXT, EXAMPLE, required=True),
        Input("buyer", TEXT, "Import House B.V."),
        Input("origin", PortCode(), "COCTG", required=True),
        Input("destination", PortCode(), "NLRTM", required=True),
        Input("ready_date", Day(), "2027-03-01", required=True),
        Input("due_date", Day(), "2027-05-01"),
        Input("cargo_class", TEXT, "food"),
        Input("incoterm", OneOf(INCOTERMS), "FOB"),
        Input("named_place", TEXT, "Cartagena"),
        Input("value_minor", WHOLE, 3_150_000),
        Input("currency", CurrencyCode(), "USD"),
        Input("delay_cost_ppm_per_day", WHOLE, 600),
        Input("divisible", Boolean(), "no"),
        Input("volume_cm3", WHOLE),
        Input("mass_g", WHOLE),
        Input("note"),
        *_PACKAGE,
    ),
    "order_lines": (
        Input("member", TEXT, "MONTANA", required=True),
        Input("order", TEXT, EXAMPLE, required=True),
        Input("code", TEXT, 2),
        Input("product", TEXT, "TOSTADO"),
        Input("description"),
        Input("hs"),
        Input("quantity", WHOLE, 20, required=True),
        *(Input(name, WHOLE) for name in _SIZES),
        Input("mass_g", WHOLE),
        Input("vertical", ListOf(OneOf(DIMENSIONS))),
        Input("max_load_g", WHOLE),
    ),
    "departures": (
        Input("code", TEXT, EXAMPLE, required=True),
        Input("origin", PortCode(), "COCTG", required=True),
        Input("destination", PortCode(), "NLRTM", required=True),
        Input("carrier", TEXT, "Line"),
        Input("cut_off", Day(), "2027-03-08", required=True),
        Input("departure", Day(), "2027-03-11", required=True),
        Input("arrival", Day(), "2027-03-29", required=True),
        Input("container_limits", MapOf(WHOLE), "22G1=10; 45G1=2"),
    ),
    "tariffs": (
        Input("code", TEXT, EXAMPLE, required=True),
        Input("name", TEXT, "Cartagena - Rotterdam"),
        Input("currency", CurrencyCode(), "USD"),
        Input("valid_from", Day(), "2027-01-01", required=True),
        Input("valid_to", Day(), "2027-06-30"),
        Input("source", TEXT, "quotation of 2026-12-01"),
    ),
    "charges": (
        Input("tariff", TEXT, EXAMPLE, required=True),
        Input("code", TEXT, "OFR-22G1", required=True),
        Input("description", TEXT, "Ocean freight, 20'"),
        Input("basis", OneOf(Basis), "container", required=True),
        Input("amount_minor", WHOLE, 145_000),
        Input("rate_ppm", WHOLE),
        Input("minimum_minor", WHOLE),
        Input("maximum_minor", WHOLE),
        Input("gross_mass_over_g", WHOLE),
        Input("steps", ListOf(STEP)),
        Input("modes", ListOf(OneOf(Mode)), "fcl"),
        Input("container_types", TEXTS, "22G1"),
        Input("departures", TEXTS),
        Input("origins", ListOf(PortCode()), "COCTG"),
        Input("destinations", ListOf(PortCode()), "NLRTM"),
        Input("cargo_classes", TEXTS),
        Input("members", TEXTS),
        Input("incoterm_stage", OneOf(IncotermStage), "main_carriage"),
        Input("allocation_key", OneOf(AllocationKey), "optimised"),
    ),
}
"""Sheet -> its values in the order of the template."""


def title_of(sheet: str, language: str) -> str:
    """Return the title of a sheet in a language."""
    return _TITLES[sheet][_LANGUAGES.index(language)]


def sheet_named(kind: str, title: str) -> str | None:
    """Return the sheet of a kind that a title names, in any language; None for others."""
    wanted = normal(title)
    for sheet in SHEETS_OF[kind]:
        if wanted == sheet or wanted in {normal(word) for word in _TITLES[sheet]}:
            return sheet
    return None


def label_of(header: str, language: str) -> str:
    """Return what a column is called in a language, with its unit: ``Masa (kg)`` for ``mass_kg``."""
    return _labels(header)[language][0]


@cache
def columns_of(sheet: str) -> tuple[Column, ...]:
    """Return the columns of a sheet, the key first and then the other units in which it may be given."""
    return tuple(column for one in INPUTS[sheet] for column in _columns(one))


def _columns(one: Input) -> Iterator[Column]:
    yield Column(one.key, one.key, one.kind)
    if one.key.endswith("_minor"):
        yield Column(one.key.removesuffix("_minor"), one.key, one.kind, 0)
    ending = max((unit for unit in UNITS if one.key.endswith(unit)), key=len, default="")
    for other, factor in UNITS.get(ending, ()):
        yield Column(one.key.removesuffix(ending) + other, one.key, one.kind, factor)


@cache
def headers_of(sheet: str) -> dict[str, Column]:
    """Return every header that a sheet may have, in its normal form, with the column it names."""
    found: dict[str, Column] = {}
    for column in columns_of(sheet):
        for names in _labels(column.header).values():
            found.update({normal(name): column for name in names})
    found.update({normal(column.header): column for column in columns_of(sheet)})
    return found


@cache
def _labels(header: str) -> dict[str, tuple[str, ...]]:
    for base, words in sorted(_WORDS.items(), key=lambda item: -len(item[0])):
        if header == base or header.removeprefix(base) in _UNIT_ENDINGS:
            unit = _UNIT_ENDINGS.get(header.removeprefix(base), "")
            return {
                language: (f"{word} ({unit})" if unit else word,)
                for language, word in zip(_LANGUAGES, words, strict=True)
            }
    return format_labels(header)


_UNIT_ENDINGS = {"_mm": "mm", "_cm": "cm", "_m": "m", "_g": "g", "_kg": "kg", "_t": "t"}
