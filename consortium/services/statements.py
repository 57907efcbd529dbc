"""Files about the books to take away: a member's statement, the trial balance; each in the actor's language."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session

from consortium.database import in_transaction, need
from consortium.documents.papers import MEDIA_TYPES
from consortium.documents.statement import statement_pdf, statement_workbook, trial_balance_workbook
from consortium.documents.typesetting import PaperSize
from consortium.errors import Fault, InputError, NotFoundError
from consortium.formats.json_text import show
from consortium.models import Consortium
from consortium.permissions import Actor
from consortium.queries.books import member_statement, trial_balance
from consortium.services.documents import Document

STATEMENTS = ("statement.pdf", "statement.xlsx")
"""Names under which `statement_file` knows them."""


@in_transaction
def statement_file(
    actor: Actor, member_id: int, name: str, fields: Mapping[str, str], *, session: Session | None = None
) -> Document:
    """Return a firm's statement as a file; a member gets its own only.

    Parameters
    ----------
    name
        One of `STATEMENTS`.
    fields
        As texts: ``first_on``, ``last_on`` (YYYY-MM-DD), ``paper`` (a4 or us-letter). Others are not looked at.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    db = need(session)
    if name not in STATEMENTS:
        raise NotFoundError("document", name)
    first_on, last_on = (_day(fields, key) for key in ("first_on", "last_on"))
    view = member_statement(actor, member_id, first_on, last_on, session=db)
    if name.endswith(".pdf"):
        content = statement_pdf(view, actor.language, _paper(fields))
    else:
        content = statement_workbook(view, actor.language)
    return _document(f"{view.member_code}-{name}", content)


@in_transaction
def trial_balance_file(
    actor: Actor, consortium_id: int, fields: Mapping[str, str], *, session: Session | None = None
) -> Document:
    """Return the trial balance as a workbook, on the day ``on_date`` of the fields, or as it stands.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    db = need(session)
    view = trial_balance(actor, consortium_id, _day(fields, "on_date"), session=db)
    code = db.get_one(Consortium, consortium_id).code
    return _document(f"{code}-trial-balance.xlsx", trial_balance_workbook(view, actor.language))


def _document(name: str, content: bytes) -> Document:
    safe = "".join(character if character.isalnum() or character in "-_." else "_" for character in name)
    return Document(filename=safe, media_type=MEDIA_TYPES[name[name.rindex(".") :]], content=content)


def _day(fields: Mapping[str, str], key: str) -> date | None:
    try:
        return date.fromisoformat(fields[key]) if fields.get(key) else None
    except ValueError:
        raise InputError([Fault(key, "unknown_value", "a date as YYYY-MM-DD", show(fields[key]))]) from None


def _paper(fields: Mapping[str, str]) -> PaperSize:
    try:
        return PaperSize(fields.get("paper") or "a4")
    except ValueError:
        expected = f"one of {', '.join(PaperSize)}"
        raise InputError([Fault("paper", "unknown_value", expected, show(fields["paper"]))]) from None
