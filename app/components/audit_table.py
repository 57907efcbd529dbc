"""Acts of the audit trail as a table of plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.components.tables import Column, show_table
from app.formats import moment
from app.labels import ACTIONS, SUBJECTS, word
from app.texts import _
from consortium.views import AuditEventView

LONGEST_DETAIL = 40
"""Characters of one value; hashes and the like are cut, the record keeps them whole."""


def audit_table(events: Sequence[AuditEventView], *, with_details: bool = True) -> None:
    """Show acts, newest first."""
    columns = [
        Column(_("When"), lambda event: moment(event.at), sort=lambda event: event.at),
        Column(_("Who"), lambda event: event.username or _("the system")),
        Column(_("What"), lambda event: word(ACTIONS, event.action)),
        Column(_("On what"), lambda event: _subject(event.subject)),
    ]
    if with_details:
        columns.append(Column(_("Details"), lambda event: _details(event.detail)))
    show_table(events, columns, alt=_("Acts with their moment, person, subject and details"), key="audit_table")


def _subject(subject: str) -> str:
    kind, _space, name = subject.partition(" ")
    return f"{word(SUBJECTS, kind)} {name}" if kind in SUBJECTS else subject


def _details(detail: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_short(value)}" for name, value in detail.items() if value is not None)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        text = _details(value)
    elif isinstance(value, (list, tuple)):
        text = ", ".join(_short(each) for each in value)
    else:
        text = str(value)
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"
