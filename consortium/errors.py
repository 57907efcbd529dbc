"""What may be wrong with an input, as data: codes, places and values; sentences come later (`fault_texts`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from optimizer.problem import Fault

__all__ = ["Fault", "InputError", "InputFault", "NotFoundError", "Place", "located"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a user's files something stands.

    Parameters
    ----------
    file
        Name of the file as the user gave it; empty when there is none.
    sheet
        Name of the sheet, or of the CSV file without its ending.
    row
        Row as a spreadsheet counts it (the header is row 1), or line of a text file; None for the whole sheet.
    column
        Header of the column, or its letter; for text files the column of the character.
    """

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class InputFault(Fault):
    """A fault of an input file (or a warning about one), with its place."""

    place: Place = NOWHERE

    def __str__(self) -> str:
        parts = [self.place.file, self.place.sheet]
        parts += [f"row {self.place.row}"] if self.place.row is not None else []
        parts += [f"column {self.place.column}"] if self.place.column else []
        parts += [self.path]
        return f"{', '.join(part for part in parts if part)}: expected {self.expected}, found {self.found}"


class InputError(ValueError):
    """An input that cannot be used: carries every fault found, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(fault if isinstance(fault, InputFault) else located(fault) for fault in faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def in_file(self, file: str) -> "InputError":
        """Return the same error with the file named wherever no file was named yet."""
        return InputError(
            fault if fault.place.file else replace(fault, place=replace(fault.place, file=file))
            for fault in self.faults
        )


def located(fault: Fault, place: Place = NOWHERE) -> InputFault:
    """Return a fault with a place."""
    return InputFault(fault.path, fault.code, fault.expected, fault.found, place)


class NotFoundError(LookupError):
    """There is no such thing for this actor; the same answer whether it does not exist or is another's.

    Parameters
    ----------
    kind
        What was asked for: ``order``, ``shipment``, ``member`` ...
    id
        The id that was asked for.
    """

    def __init__(self, kind: str, id: object) -> None:  # noqa: A002 - the word of the domain
        self.kind = kind
        self.id = id
        super().__init__(f"no {kind} {id}")


class StateError(RuntimeError):
    """What was asked is right in itself, but not now: the state of something forbids it.

    Parameters
    ----------
    code
        Stable name of the reason, such as ``shipment_not_open``.
    values
        The values behind it, such as ``state``.
    """

    def __init__(self, code: str, values: Mapping[str, object] | None = None) -> None:
        self.code = code
        self.values = dict(values or {})
        super().__init__(", ".join([code, *(f"{name} {value}" for name, value in self.values.items())]))
