"""Bank statements as files: CAMT.053, OFX, and CSV with columns named in Spanish, Portuguese or English.

Rows are read exactly, or the file is refused with every bad row: nothing is guessed. What a bank gives to tell two
rows apart (its own reference, the balance after the row) is kept, because two real payments may look the same.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import NamedTuple
from xml.etree import ElementTree as ET

from consortium.errors import InputError, InputFault, Place
from consortium.formats.columns import normal
from consortium.formats.guards import MEGABYTE
from consortium.formats.json_text import show
from consortium.formats.numbers import parse_number
from consortium.reference_data import currency_exponent

MOST_BYTES = 20 * MEGABYTE
DATE_FORMATS = ("2026-12-31", "31/12/2026", "12/31/2026")
NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "N/A", "0"})
"""What banks write where they have no reference of their own."""

HEADERS = {
    "date": ("date", "booking date", "posting date", "fecha", "fecha operacion", "data", "data lancamento"),
    "amount": ("amount", "importe", "monto", "valor", "quantia"),
    "debit": ("debit", "debe", "debito", "cargo", "cargos", "debitos"),
    "credit": ("credit", "haber", "credito", "abono", "abonos", "creditos"),
    "text": ("description", "text", "details", "concepto", "descripcion", "detalle", "descricao", "historico"),
    "party": ("counterparty", "name", "contraparte", "nombre", "beneficiario", "ordenante", "nome"),
    "reference": ("reference", "bank reference", "referencia", "id", "documento"),
    "balance": ("balance", "saldo"),
    "currency": ("currency", "moneda", "divisa", "moeda"),
}
"""What a column is -> how its header may read, without accents and capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRow:
    """One movement of a bank account; money in is positive, `number` counts rows or movements from 1."""

    number: int
    booked_on: date
    amount_minor: int
    text: str
    party: str = ""
    reference: str = ""
    balance_minor: int | None = None


class BankFile(NamedTuple):
    """A file's kind, movements in its order, and the days that it says it covers."""

    kind: str
    rows: tuple[BankRow, ...]
    first_on: date
    last_on: date


def read_bank_file(
    content: bytes, file: str, currency: str, *, number_format: str | None = None, date_format: str = DATE_FORMATS[0]
) -> BankFile:
    """Return the movements of a file.

    Parameters
    ----------
    currency
        Of the bank account; a file in another one is refused.
    number_format, date_format
        How a CSV file writes numbers (`consortium.formats.numbers.NUMBER_FORMATS`) and days (`DATE_FORMATS`).

    Raises
    ------
    InputError
        With file, row, column, what was expected and found, for everything that is wrong.
    """
    if len(content) > MOST_BYTES:
        found = f"{len(content) / MEGABYTE:.1f} MB"
        _refuse(file, "too_large", f"at most {MOST_BYTES // MEGABYTE} MB", found)
    text = _text(content)
    reader = _Reader(file, currency, number_format, date_format)
    if "<OFX>" in text[:5000].upper():
        kind, rows = "ofx", list(reader.ofx(text))
    elif text.lstrip().startswith("<"):
        kind, rows = "camt", list(reader.camt(content, text))
    else:
        kind, rows = "csv", list(reader.csv(text))
    if reader.faults:
        raise InputError(reader.faults)
    if not rows:
        _refuse(file, "empty_file", "one or more movements", "nothing")
    days = [one.booked_on for one in rows] + reader.period
    return BankFile(kind, tuple(rows), min(days), max(days))


def _refuse(file: str, code: str, expected: str, found: str) -> None:
    raise InputError([InputFault("", code, expected, found, Place(file=file))])


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


class _Reader:
    """Reads one file, gathering faults instead of stopping at the first."""

    def __init__(self, file: str, currency: str, number_format: str | None, date_format: str) -> None:
        self.file, self.currency = file, currency
        self.number_format, self.date_format = number_format, date_format
        self.faults: list[InputFault] = []
        self.period: list[date] = []

    def refusal(self, code: str, expected: str, found: str, row: int | None = None, column: str = "") -> None:
        """Note a fault."""
        self.faults.append(InputFault("", code, expected, found, Place(file=self.file, row=row, column=column)))

    # CSV

    def csv(self, text: str) -> Iterator[BankRow]:
        """Yield the rows of a CSV file; the delimiter is the one that the header holds most often."""
        header = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=header.count)
        table = list(csv.reader(io.StringIO(text), delimiter=delimiter))
        columns = self._columns(table[0] if table else [])
        if columns is None:
            return
        for number, cells in enumerate(table[1:], start=2):
            if any(cell.strip() for cell in cells):
                row = {name: cells[place].strip() for name, place in columns.items() if place < len(cells)}
                if (found := self._csv_row(row, number)) is not None:
                    yield found

    def _columns(self, header: list[str]) -> dict[str, int] | None:
        found: dict[str, int] = {}
        for place, cell in enumerate(header):
            name = next((key for key, words in HEADERS.items() if normal(cell) in words), None)
            if name is not None and name not in found:
                found[name] = place
        for needed, ways in (("date", ("date",)), ("amount", ("amount", "debit", "credit"))):
            if not any(way in found for way in ways):
                self.refusal("missing_column", needed, show(", ".join(header)), 1)
        return None if self.faults else found

    def _csv_row(self, row: dict[str, str], number: int) -> BankRow | None:
        before = len(self.faults)
        day = self._day(row.get("date", ""), number)
        if row.get("amount"):
            amount = self._money(row["amount"], number, "amount")
        else:
            credit, debit = (
                self._money(row[side], number, side) if row.get(side) else 0 for side in ("credit", "debit")
            )
            amount = None if credit is None or debit is None else abs(credit) - abs(debit)
            if not (row.get("credit") or row.get("debit")):
                self.refusal("missing", "an amount", "nothing", number, "amount")
        balance = self._money(row["balance"], number, "balance") if row.get("balance") else None
        self._check_currency(row.get("currency", ""), number)
        if len(self.faults) > before or day is None or amount is None:
            return None
        return BankRow(
            number=number,
            booked_on=day,
            amount_minor=amount,
            text=row.get("text", "")[:300],
            party=row.get("party", "")[:200],
            reference=_reference(row.get("reference", "")),
            balance_minor=balance,
        )

    def _day(self, text: str, row: int) -> date | None:
        forms = {"2026-12-31": r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"}
        forms["31/12/2026"] = r"(?P<d>\d\d?)[/.-](?P<m>\d\d?)[/.-](?P<y>\d{4})"
        forms["12/31/2026"] = r"(?P<m>\d\d?)[/.-](?P<d>\d\d?)[/.-](?P<y>\d{4})"
        for form in ("2026-12-31", self.date_format):
            if parts := re.fullmatch(forms[form], text):
                try:
                    return date(int(parts["y"]), int(parts["m"]), int(parts["d"]))
                except ValueError:
                    break
        self.refusal("wrong_date", f"a date such as {self.date_format}", show(text), row, "date")
        return None

    def _money(self, text: str, row: int, column: str) -> int | None:
        value = parse_number(text.replace(" ", "").replace("\xa0", "").replace("−", "-"), self.number_format)
        if value is None:
            expected = f"a number such as {self.number_format}" if self.number_format else "a number"
            self.refusal("wrong_number", expected, show(text), row, column)
            return None
        minor = value * 10 ** currency_exponent(self.currency)
        if minor.denominator != 1:
            self.refusal("not_whole", f"a whole number of cents of {self.currency}", show(text), row, column)
            return None
        return int(minor)

    def _check_currency(self, found: str, row: int | None) -> None:
        if found and found.upper() != self.currency:
            self.refusal("currency_mismatch", self.currency, show(found), row, "currency")

    # CAMT.053

    def camt(self, content: bytes, text: str) -> Iterator[BankRow]:
        """Yield the booked entries of a CAMT.053 message of one account, whatever its version."""
        if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
            self.refusal("external_part", "XML without a document type", "a document type")
            return
        try:
            root = ET.fromstring(content)  # noqa: S314 - a document type, and so every entity, is refused above
        except ET.ParseError as error:
            self.refusal("damaged_file", "CAMT.053 or OFX or CSV", show(str(error)))
            return
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        accounts = {found.text for found in root.findall(".//Stmt/Acct/Id/IBAN")}
        if len(accounts) > 1:
            self.refusal("too_many", "the statements of one account", ", ".join(sorted(map(str, accounts))))
        for name in ("FrDtTm", "ToDtTm"):
            for found in root.findall(f".//Stmt/FrToDt/{name}"):
                if (day := self._iso(found.text or "", None)) is not None:
                    self.period.append(day)
        for number, entry in enumerate(root.findall(".//Stmt/Ntry"), start=1):
            status = entry.findtext("Sts/Cd") or entry.findtext("Sts") or "BOOK"
            if status.strip() == "BOOK" and (row := self._camt_entry(entry, number)) is not None:
                yield row

    def _camt_entry(self, entry: ET.Element, number: int) -> BankRow | None:
        amount = entry.find("Amt")
        day = self._iso(entry.findtext("BookgDt/Dt") or entry.findtext("BookgDt/DtTm") or "", number)
        minor = self._decimal(amount.text or "" if amount is not None else "", number)
        self._check_currency(amount.get("Ccy", "") if amount is not None else "", number)
        side = (entry.findtext("CdtDbtInd") or "").strip()
        if side not in ("CRDT", "DBIT"):
            self.refusal("unknown_value", "one of CRDT, DBIT", show(side), number, "CdtDbtInd")
        if day is None or minor is None:
            return None
        other = "Dbtr" if side == "CRDT" else "Cdtr"
        party = entry.findtext(f".//RltdPties/{other}/Nm") or entry.findtext(f".//RltdPties/{other}/Pty/Nm") or ""
        texts = [found.text or "" for found in entry.findall(".//RmtInf/Ustrd")] or [
            entry.findtext("AddtlNtryInf") or ""
        ]
        reference = entry.findtext("AcctSvcrRef") or entry.findtext(".//Refs/AcctSvcrRef") or entry.findtext("NtryRef")
        return BankRow(
            number=number,
            booked_on=day,
            amount_minor=minor if side == "CRDT" else -minor,
            text=" ".join(texts).strip()[:300],
            party=party.strip()[:200],
            reference=_reference(reference or ""),
        )

    # OFX

    def ofx(self, text: str) -> Iterator[BankRow]:
        """Yield the transactions of an OFX file, of the old form without closing tags or of the XML form."""
        self._check_currency(_tag(text, "CURDEF"), None)
        for name in ("DTSTART", "DTEND"):
            if found := _tag(text, name):
                day = self._iso(f"{found[:4]}-{found[4:6]}-{found[6:8]}", None)
                self.period += [day] if day else []
        blocks = re.split(r"<STMTTRN>", text, flags=re.IGNORECASE)[1:]
        for number, block in enumerate(blocks, start=1):
            body = re.split(r"</STMTTRN>|</BANKTRANLIST>", block, maxsplit=1, flags=re.IGNORECASE)[0]
            posted = _tag(body, "DTPOSTED")
            day = self._iso(f"{posted[:4]}-{posted[4:6]}-{posted[6:8]}", number)
            minor = self._decimal(_tag(body, "TRNAMT").replace(",", "."), number)
            if day is not None and minor is not None:
                yield BankRow(
                    number=number,
                    booked_on=day,
                    amount_minor=minor,
                    text=_tag(body, "MEMO")[:300],
                    party=_tag(body, "NAME")[:200],
                    reference=_reference(_tag(body, "FITID")),
                )

    def _iso(self, text: str, row: int | None) -> date | None:
        try:
            return date.fromisoformat(text.strip()[:10])
        except ValueError:
            self.refusal("wrong_date", "a date as 2026-03-31", show(text), row)
            return None

    def _decimal(self, text: str, row: int) -> int | None:
        try:
            value = Decimal(text.strip()).scaleb(currency_exponent(self.currency))
            if value.is_finite() and abs(value) < 10**15 and value == value.to_integral_value():
                return int(value)
        except InvalidOperation:
            pass
        self.refusal("wrong_number", "a number", show(text), row)
        return None


def _tag(text: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<\r\n]*)", text, re.IGNORECASE)
    return unescape(found[1]).strip() if found else ""


def _reference(text: str) -> str:
    tidy = text.strip()[:100]
    return "" if tidy.upper() in NO_REFERENCE else tidy
