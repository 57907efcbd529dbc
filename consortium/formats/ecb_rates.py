"""The reference rates of the European Central Bank as it publishes them: CSV, one row a day, one column a currency.

Both forms are read: the file of a day (``23 November 2026``) and the history (``2026-11-23``), N/A where there is no
rate. Rates stay texts: they are exact decimal numbers, and no float ever sees them.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from consortium.errors import InputError, InputFault, Place
from consortium.formats.codes import CURRENCY_EXPONENT
from consortium.formats.json_text import show

SOURCE = "ECB"
BASE = "EUR"
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_RATE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")


class DatedRate(NamedTuple):
    """How much of a currency one euro bought on a day."""

    on_date: date
    quote: str
    rate: str


def read_ecb_rates(content: bytes, file: str) -> tuple[DatedRate, ...]:
    """Return all rates of a file, in its order.

    Raises
    ------
    InputError
        With file, row, column, what was expected and found; nothing is returned then.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([InputFault("", "bad_encoding", "UTF-8", show(str(error.reason)), Place(file=file))]) from None
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text))]
    if not rows or not rows[0] or rows[0][0].casefold() != "date":
        found = show(rows[0][0]) if rows and rows[0] else "nothing"
        fault = InputFault(
            "", "unknown_column", "Date, USD, JPY ... as the ECB writes it", found, Place(file=file, row=1)
        )
        raise InputError([fault])
    faults: list[InputFault] = []
    found_rates = list(_rates(rows, file, faults))
    if faults:
        raise InputError(faults)
    return tuple(found_rates)


def _rates(rows: list[list[str]], file: str, faults: list[InputFault]) -> Iterator[DatedRate]:
    head = rows[0]
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        day = _day(row[0])
        if day is None:
            faults.append(
                InputFault(
                    "", "wrong_date", "a date as 2026-03-31", show(row[0]), Place(file=file, row=number, column="Date")
                )
            )
            continue
        for currency, cell in zip(head[1:], row[1:], strict=False):
            if not currency or cell in ("", "N/A"):
                continue
            place = Place(file=file, row=number, column=currency)
            if not _RATE.fullmatch(cell) or not cell.strip("0."):
                faults.append(InputFault("", "wrong_number", "a number > 0 such as 1.0835", show(cell), place))
            elif currency in CURRENCY_EXPONENT:  # the history holds currencies that no longer exist
                yield DatedRate(day, currency, cell)


def _day(text: str) -> date | None:
    words = text.split()
    try:
        if len(words) == 3 and words[1].casefold() in _MONTHS:
            return date(int(words[2]), _MONTHS.index(words[1].casefold()) + 1, int(words[0]))
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
