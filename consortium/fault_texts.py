"""Sentences about faults: every code has one, and what was expected is said in the reader's language too.

Values that a user wrote, keys and codes are shown as they are.
"""

import re
from functools import cache

from consortium import fair_texts, importing_texts, service_texts
from consortium.errors import InputFault, Place, StateError
from consortium.texts import Texts, mark

SENTENCES = {
    "bad_encoding": mark("the file is not text in UTF-8: found {found}; save it again as UTF-8"),
    "bad_json": mark("this is not valid JSON: found {found}"),
    "bad_table": mark("this is not a valid CSV table: {found}"),
    "both_units": mark("the same quantity is given twice: expected {expected}, found {found}"),
    "class_pair": mark("expected {expected}, found {found}"),
    "comma_in_id": mark("expected {expected}, found {found}"),
    "consignment_too_big": mark("too big for every container: expected {expected}, found {found}"),
    "currency_mismatch": mark("one problem has one currency: expected {expected}, found {found}"),
    "damaged_file": mark("the file cannot be opened: expected {expected}, found {found}"),
    "date_order": mark("the dates contradict each other: expected {expected}, found {found}"),
    "duplicate": mark("used twice: expected {expected}, found {found}"),
    "duplicate_header": mark("two columns have the same meaning: {found}"),
    "duplicate_key": mark("the key {found} is written twice in one object"),
    "empty_file": mark("the file is empty: expected {expected}"),
    "empty_folder": mark("expected {expected}, found {found}"),
    "empty_id": mark("expected {expected}, found {found}"),
    "empty_list": mark("expected {expected}, found {found}"),
    "error_cell": mark("the cell holds an error of the spreadsheet: {found}"),
    "external_part": mark("the workbook holds {found}, which is not read; save it again as a plain .xlsx"),
    "file_missing": mark("there is no such file or folder, or it cannot be read: {found}"),
    "formula": mark("formulas are not read: expected {expected}, found {found}"),
    "hidden_sheet": mark("hidden sheet ignored: {found}"),
    "ignored_file": mark("file ignored, since it is not a .csv: {found}"),
    "merged_cells": mark("merged cells are not read: {found}; undo the merge"),
    "missing": mark("missing: expected {expected}, found nothing"),
    "missing_sheet": mark("the sheet {expected} is missing"),
    "mode_without_charges": mark(
        "no charge meets this way of travelling, so it costs nothing: expected {expected} on the departures {found}"
    ),
    "name_of_nothing": mark(
        "this name stands for nothing here and matches nothing: expected {expected}, found {found}"
    ),
    "never_matches": mark("this charge can never be met: expected {expected}, found {found}"),
    "not_supported": mark("not supported: expected {expected}, found {found}"),
    "not_whole": mark("too many decimals: expected {expected}, found {found}"),
    "number_format": mark("the number is not written in the stated format: expected {expected}, found {found}"),
    "number_format_missing": mark("the number could be read in two ways: expected {expected}, found {found}"),
    "out_of_range": mark("expected {expected}, found {found}"),
    "package_too_large": mark("the package fits no container: expected {expected}, found {found}"),
    "port_not_listed": mark("this place is not in the list of ports and is taken as it is: {found}"),
    "reserved": mark("a loaded pallet is called so: expected {expected}, found {found}"),
    "same_port": mark("expected {expected}, found {found}"),
    "too_deep": mark("nested too deep: expected {expected}"),
    "too_large": mark("too large: expected {expected}, found {found}"),
    "too_long": mark("too long: expected {expected}, found {found}"),
    "too_many": mark("too many: expected {expected}, found {found}"),
    "totals_contradict": mark("the packages prevail: expected {expected}, found {found}"),
    "unknown_column": mark("unknown column {found}: expected {expected}"),
    "unknown_country": mark("expected {expected}, found {found}"),
    "unknown_currency": mark("expected {expected}, found {found}"),
    "unknown_key": mark("unknown key {found}: expected {expected}"),
    "unknown_kind": mark("expected {expected}, found {found}"),
    "unknown_reference": mark("expected {expected}, found {found}"),
    "unknown_sheet": mark("unknown sheet {found}: expected {expected}"),
    "unknown_value": mark("expected {expected}, found {found}"),
    "wrong_boolean": mark("expected {expected}, found {found}"),
    "wrong_cells": mark("the row does not match the header: expected {expected}, found {found}"),
    "wrong_date": mark("expected {expected}, found {found}"),
    "wrong_delimiter": mark("the columns must be separated by one sign: expected {expected}, found {found}"),
    "wrong_format": mark("another kind of file or another version: expected {expected}, found {found}"),
    "wrong_key": mark("expected {expected}, found {found}"),
    "wrong_number": mark("expected {expected}, found {found}"),
    "wrong_pair": mark("expected {expected}, found {found}"),
    "wrong_port": mark("expected {expected}, found {found}"),
    "wrong_price": mark("expected {expected}, found {found}"),
    "wrong_problem": mark("the plan was made for another problem: expected {expected}, found {found}"),
    "wrong_steps": mark("expected {expected}, found {found}"),
    "wrong_text": mark("expected {expected}, found {found}"),
    "wrong_type": mark("expected {expected}, found {found}"),
    **importing_texts.SENTENCES,
    **service_texts.SENTENCES,
}
"""Fault code -> what is wrong, in English; the place goes before it."""

OTHER = mark("expected {expected}, found {found}")

EXPECTATIONS = (
    mark("a CSV file with a header row"),
    mark("a JSON document with the key format"),
    mark("a calendar day, or a date cell"),
    mark("a charge that meets {mode}"),
    mark("a code not used at [{index}]"),
    mark("a consignment that fits one container, or divisible: true with packages"),
    mark("a currency of ISO 4217 such as USD"),
    mark("a date >= {name} {date}"),
    mark("a date such as 2026-03-02"),
    mark("a folder with the files {names}"),
    mark("a list of {least} or more"),
    mark("a list of {number}"),
    mark("a list"),
    mark("a name for every column that has cells"),
    mark("a non-empty id"),
    mark("a non-empty text without commas"),
    mark("a non-empty text"),
    mark("a package that passes the door and the payload of one of {names}"),
    mark("a port of a country of ISO 3166"),
    mark("a port of the reference data"),
    mark("a port other than the origin"),
    mark("a problem .json, a workbook .xlsx or a folder of CSV files"),
    mark("a text cell, since a number loses its leading zeros"),
    mark("a UN/LOCODE such as COCTG"),
    mark("a value, not a formula"),
    mark("a number such as {number}"),
    mark("a number"),
    mark("a decimal such as 6.3333"),
    mark("a fraction such as 3 or 7/2"),
    mark("a plain workbook"),
    mark("a file that can be read"),
    mark("a whole number of {key}"),
    mark("a workbook .xlsx saved by a spreadsheet program"),
    mark("an id not used at [{index}]"),
    mark("an id without commas"),
    mark("an object"),
    mark("a number >= 0"),
    mark("a player of the game"),
    mark("every player in one union"),
    mark("each coalition once"),
    mark("coalitions, or a generator"),
    mark("the least cost, then the most, around the cost that is given"),
    mark("what {name} needs"),
    mark("a whole number for all players together"),
    mark("at most {most} MB unpacked"),
    mark("at most {most} MB"),
    mark("at most {most} cells"),
    mark("at most {most} characters"),
    mark("at most {most} columns"),
    mark("at most {most} entries"),
    mark("at most {most} levels of brackets"),
    mark("at most {most} parts"),
    mark("at most {most} rows"),
    mark("at most {most} times its packed size"),
    mark("commas or semicolons, not both"),
    mark("container_use only with containers or lots"),
    mark("each id once"),
    mark("each key once"),
    mark("full, none, or partial:N with N from 1 to 1000"),
    mark("an id other than {code}- and a number"),
    mark("gross_mass_over_g only with basis container"),
    mark("integer <= {most}"),
    mark("integer > 0, or null"),
    mark("integer >= 0, or null"),
    mark("integer > 0, or packages"),
    mark("integer > 0"),
    mark("integer >= {name} {number}"),
    mark("integer >= {least}"),
    mark("integer from {least} to {most}"),
    mark("modes with fcl"),
    mark("one JSON document"),
    mark("one cell for each value"),
    mark("one of the columns {names}"),
    mark("one of {names}"),
    mark("one or more of {names}"),
    mark("one row of settings"),
    mark("only one of {names}"),
    mark("packages with a mass"),
    mark("pairs such as {example}"),
    mark("perhaps {name}"),
    mark("rate_ppm and no amount or steps"),
    mark("rate_ppm only with basis value"),
    mark("settings.number_format, stated as {formats}"),
    mark("steps that start at 0 and rise"),
    mark("text in UTF-8"),
    mark("text without control characters"),
    mark("text"),
    mark("the packages' total {total}"),
    mark("the problem of the plan, {sha256}"),
    mark("true or false"),
    mark("true: a member may always take a container of its own"),
    mark("two classes that may not meet, such as food+chemical"),
    mark("64 hexadecimal digits"),
    mark("{number} cells"),
    mark("{what} of this problem"),
    *importing_texts.EXPECTATIONS,
    *service_texts.EXPECTATIONS,
    *fair_texts.EXPECTATIONS,
)
"""What faults expect, as patterns: the first that matches gives the translation; others are shown in English."""

NAMES_OF_PARTS = (
    mark("a member"),
    mark("a container type"),
    mark("a departure"),
    mark("a consignment"),
    mark("a container"),
    mark("a package"),
)

DISCOVERIES = (
    mark("0 g in total"),
    mark("a damaged archive"),
    mark("a damaged workbook"),
    mark("a part that is not UTF-8 ({part})"),
    mark("an archive of another kind"),
    mark("an empty file"),
    mark("an old or encrypted workbook (.xls)"),
    mark("an XML document type ({part})"),
    mark("another kind of file"),
    mark("list with {number} entries"),
    mark("macros ({part})"),
    mark("more"),
    mark("no .csv file"),
    mark("nothing"),
    mark("object with {number} keys"),
    mark("the end of the file"),
    mark("{number} cells"),
    *service_texts.DISCOVERIES,
)
"""What faults find, where it is not a value of the user (those stand in quotes or are numbers)."""


@cache
def _patterns(messages: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (message, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(message)), re.DOTALL))
        for message in messages
    )


def in_language(english: str, messages: tuple[str, ...], texts: Texts) -> str:
    """Say an English phrase in the reader's language when it is one of these; leave it as it is otherwise."""
    for message, pattern in _patterns(messages):
        found = pattern.fullmatch(english)
        if found:
            values = found.groupdict()
            part = values.get("what")
            if part in NAMES_OF_PARTS:
                values["what"] = texts.gettext(part)
            return texts.gettext(message, **values)
    return english


def place_sentence(place: Place, path: str, texts: Texts) -> str:
    """Say where something stands: file, sheet, row and column, or the path within the document."""
    parts = [place.file] if place.file else []
    if place.sheet:
        is_csv = place.file.endswith(f"{place.sheet}.csv")
        parts += [] if is_csv else [texts.gettext("sheet {name}", name=place.sheet)]
        parts += [texts.gettext("row {number}", number=place.row)] if place.row is not None else []
    elif place.row is not None:
        parts.append(texts.gettext("line {number}", number=place.row))
    if place.column:
        parts.append(texts.gettext("column {name}", name=place.column))
    if path and not place.sheet:
        parts.append(path)
    return ", ".join(parts)


def sentence(fault: InputFault, texts: Texts) -> str:
    """Return the whole sentence about a fault or a warning: its place, what was expected, what was found."""
    where = place_sentence(fault.place, fault.path, texts)
    if fault.code in service_texts.STATES:  # an import tells so of a row that a state forbids
        what = service_texts.filled(texts.gettext(service_texts.STATES[fault.code]), {})
    else:
        what = texts.gettext(
            SENTENCES.get(fault.code, OTHER),
            expected=in_language(fault.expected, EXPECTATIONS, texts),
            found=in_language(fault.found, DISCOVERIES, texts),
        )
    return f"{where}: {what}" if where else what


def state_sentence(error: StateError, texts: Texts) -> str:
    """Return why something cannot be done now; states are named by their codes."""
    why = service_texts.STATES.get(error.code, service_texts.OTHER_STATE)
    return service_texts.filled(texts.gettext(why), error.values)
