"""What is looked at before a file is opened: that it is there, of the right kind, and not a trap."""

import re
import zipfile
import zlib
from pathlib import Path
from typing import NoReturn

from consortium.errors import InputError, InputFault, Place

MEGABYTE = 1024 * 1024
MAX_JSON_BYTES = 10 * MEGABYTE
MAX_TABLE_BYTES = 20 * MEGABYTE
"""Greatest size of a workbook, or of a folder's CSV files together."""
MAX_UNPACKED_BYTES = 100 * MEGABYTE
MAX_RATIO = 200
"""A part larger than 1 MB may be this many times its packed size; honest sheets stay far below."""
MAX_PARTS = 2_000
MAX_CELLS = 500_000
_CHUNK = 1 << 20

_MACROS = ("vbaproject.bin", "macrosheets/", "activex/")
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = re.compile(rb"<(?:[A-Za-z0-9]+:)?c[\s/>]")
_OLD_WORKBOOK = bytes.fromhex("d0cf11e0a1b11ae1")


def refuse(file: str, code: str, expected: str, found: str) -> NoReturn:
    """Raise an `InputError` with one fault about a whole file."""
    raise InputError([InputFault("", code, expected, found, Place(file=file))])


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """Return the content of a regular file of at most so many bytes.

    Raises
    ------
    InputError
        When it is missing, no regular file, unreadable or too large; nothing is read then.
    """
    try:
        status = path.stat()
        if not path.is_file():
            refuse(str(path), "unknown_kind", "a problem .json, a workbook .xlsx or a folder of CSV files", path.name)
        if status.st_size > most_bytes:
            size = f"{status.st_size / MEGABYTE:.1f} MB"
            refuse(str(path), "too_large", f"at most {most_bytes // MEGABYTE} MB", size)
        with path.open("rb") as stream:
            return stream.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        refuse(str(path), "file_missing", "a file that can be read", _why(error))


def _why(error: OSError | ValueError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


def check_workbook(path: Path) -> None:
    """Refuse a workbook that is too large, unpacks to too much, or holds macros, DTDs or links outside.

    Raises
    ------
    InputError
        Naming the file and what was found.
    """
    file = str(path)
    head = read_bytes(path, MAX_TABLE_BYTES)[:8]
    expected = "a workbook .xlsx saved by a spreadsheet program"
    if not head:
        refuse(file, "empty_file", expected, "")
    if head == _OLD_WORKBOOK:
        refuse(file, "damaged_file", expected, "an old or encrypted workbook (.xls)")
    if not head.startswith(b"PK\x03\x04"):
        refuse(file, "damaged_file", expected, "another kind of file")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        fault = InputFault("", "damaged_file", expected, "a damaged archive", Place(file=file))
        raise InputError([fault]) from error


def _check_parts(archive: zipfile.ZipFile, file: str) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        refuse(file, "too_many", f"at most {MAX_PARTS} parts", str(len(parts)))
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES:
        found = f"{unpacked / MEGABYTE:.0f} MB"
        refuse(file, "too_large", f"at most {MAX_UNPACKED_BYTES // MEGABYTE} MB unpacked", found)
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        expected = "a workbook .xlsx saved by a spreadsheet program"
        refuse(file, "damaged_file", expected, "an archive of another kind")
    for part in parts:
        name = part.filename.lower()
        if any(word in name for word in _MACROS):
            refuse(file, "external_part", "a workbook without macros", f"macros ({part.filename})")
        if part.file_size > MEGABYTE and part.file_size > MAX_RATIO * max(1, part.compress_size):
            found = f"{part.file_size // max(1, part.compress_size)} ({part.filename})"
            refuse(file, "too_large", f"at most {MAX_RATIO} times its packed size", found)
    cells = 0
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            cells += _check_part(archive, part, file)
    if cells > MAX_CELLS:
        refuse(file, "too_many", f"at most {MAX_CELLS} cells", str(cells))


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> int:
    """Refuse a part that declares entities or is not UTF-8; return how many cells it has."""
    cells, tail = 0, b""
    is_sheet = part.filename.lower().startswith("xl/worksheets/")
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if not tail and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in chunk[:64]):
                refuse(file, "external_part", "a plain workbook", f"a part that is not UTF-8 ({part.filename})")
            piece = tail + chunk
            if _DOCTYPE.search(piece):
                refuse(file, "external_part", "a plain workbook", f"an XML document type ({part.filename})")
            if is_sheet:
                cells += len(_CELL.findall(chunk))
            tail = piece[-64:]
    return cells
