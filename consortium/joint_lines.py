"""Lines whose mass and freight were recorded once, on another line that they point to: one consignment together."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from consortium.errors import InputFault, Place
from consortium.formats.json_text import show
from consortium.formats.tables import Cell, Table


def _pattern(value: str) -> str:
    try:
        names = re.compile(value).groupindex
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from error
    if "line" not in names:
        raise ValueError("expected a group (?P<line>...)")
    return value


class JointRule(BaseModel):
    """How a line points to the one that carries its measures.

    Parameters
    ----------
    line
        Column with a line's own number.
    columns
        Columns in which the reference may stand instead of a measure.
    reference
        Regular expression of the whole cell; its group ``line`` is the number of the line pointed to.
    same
        Columns in which both lines must hold the same text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: str
    columns: tuple[str, ...]
    reference: Annotated[str, AfterValidator(_pattern)]
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A row of the foreign table."""

    number: int
    cells: dict[str, Cell]
    table: Table

    def place(self, column: str = "") -> Place:
        """Return the place of the row, or of a cell of it."""
        return self.table.place(self.number, column)


class JointLines:
    """Which lines belong together, and which point to nothing that helps.

    A line may only point to one that has measures of its own (no chains), and that agrees with it in the
    columns of `JointRule.same`: goods of two firms, or due on two days, never become one consignment.
    """

    def __init__(self, rule: JointRule | None, lines: list[SourceLine]) -> None:
        self.rule = rule
        self.faults: dict[int, InputFault] = {}
        self.followers: set[int] = set()
        self._covered: dict[int, list[SourceLine]] = {}
        if rule is None:
            return
        by_id: dict[str, list[SourceLine]] = {}
        for line in lines:
            by_id.setdefault(_text(line.cells[rule.line]), []).append(line)
        for line in lines:
            if (reference := self._reference(line)) is not None:
                self._resolve(line, *reference, by_id)

    def covered_by(self, line: SourceLine) -> list[SourceLine]:
        """Return the lines whose measures this one carries."""
        return self._covered.get(line.number, [])

    def without_measure(self, line: SourceLine, main: SourceLine) -> InputFault:
        """Return the fault of a line that points to one which cannot be used itself."""
        column, _ = self._reference(line) or ("", "")
        expected = f"a reference to a line that can be used, not row {main.number}"
        return InputFault(column, "reference_unusable", expected, show(_text(line.cells[column])), line.place(column))

    def _reference(self, line: SourceLine) -> tuple[str, str] | None:
        """Return the column and the number of the line that a line points to, if it does."""
        assert self.rule is not None
        for column in self.rule.columns:
            found = re.fullmatch(self.rule.reference, _text(line.cells[column]))
            if found:
                return column, found["line"]
        return None

    def _resolve(self, line: SourceLine, column: str, wanted: str, by_id: dict[str, list[SourceLine]]) -> None:
        assert self.rule is not None
        targets = by_id.get(wanted, [])
        text = show(_text(line.cells[column]))
        if len(targets) != 1:
            code = "reference_ambiguous" if targets else "reference_unknown"
            expected = f"exactly one line with {self.rule.line} {wanted}"
            self.faults[line.number] = InputFault(column, code, expected, text, line.place(column))
            return
        main = targets[0]
        if self._reference(main) is not None:
            expected = f"a reference to a line with measures of its own, not row {main.number}"
            self.faults[line.number] = InputFault(column, "reference_chain", expected, text, line.place(column))
            return
        for name in self.rule.same:
            if line.cells[name] != main.cells[name]:
                expected = f"{name} as in row {main.number}, {show(_text(main.cells[name]))}"
                found = show(_text(line.cells[name]))
                self.faults[line.number] = InputFault(name, "reference_across", expected, found, line.place(name))
                return
        self.followers.add(line.number)
        self._covered.setdefault(main.number, []).append(line)


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)
