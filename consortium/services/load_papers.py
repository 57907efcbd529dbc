"""Papers of a container's load to take away: the whole for managers and auditors, its own part for a member."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from consortium.database import in_transaction, need
from consortium.documents.papers import LOAD_PAPERS, MASS_PAPER, MEDIA_TYPES, PaperRequest, load_paper
from consortium.documents.typesetting import PaperSize
from consortium.documents.verified_mass import Weighing
from consortium.errors import Fault, InputError, NotFoundError
from consortium.formats.json_text import show
from consortium.models import Consortium
from consortium.permissions import Action, Actor
from consortium.queries.load_plans import load_view
from consortium.reach import reach_shipment
from consortium.services.documents import Document, document_name


@in_transaction
def shipment_load_paper(
    actor: Actor,
    shipment_id: int,
    number: int,
    name: str,
    fields: Mapping[str, str],
    *,
    session: Session | None = None,
) -> Document:
    """Return one paper of a container of a shipment's plan in force, in the actor's language.

    Parameters
    ----------
    number
        Position among the containers that the actor may open (`load_choices`), from 1 on.
    name
        One of `consortium.documents.papers.LOAD_PAPERS`; `MASS_PAPER` only for who may see whole plans.
    fields
        As texts: ``paper`` (a4 or us-letter) for PDFs; for `MASS_PAPER` those of `Weighing`. Others are not looked at.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    db = need(session)
    if name not in LOAD_PAPERS:
        raise NotFoundError("document", name)
    action = Action.SEE_PLANS if name == MASS_PAPER else Action.SEE_SHIPMENTS
    shipment = reach_shipment(actor, action, shipment_id, db)
    view = load_view(actor, shipment_id, number, session=db)
    if view is None or not view.has_load_plan:
        raise NotFoundError("document", name)
    paper, weighing = _read(fields)
    asked = PaperRequest(
        reference=f"{shipment.code} · {view.container_id}",
        language=actor.language,
        country=db.get_one(Consortium, shipment.consortium_id).country,
        paper=paper,
        weighing=weighing,
    )
    return Document(
        filename=document_name(shipment, f"{number}-{name}"),
        media_type=MEDIA_TYPES[name[name.rindex(".") :]],
        content=load_paper(view, name, asked),
    )


def _read(fields: Mapping[str, str]) -> tuple[PaperSize, Weighing]:
    """Return the sheet and the weighing that texts say; what is no number, date or sheet is refused together."""
    faults: list[Fault] = []

    def read(key: str, expected: str, kind: Callable[[str], Any]) -> Any:
        try:
            return kind(fields[key]) if fields.get(key) else None
        except ValueError:
            faults.append(Fault(key, "unknown_value", expected, show(fields[key])))
            return None

    paper = read("paper", f"one of {', '.join(PaperSize)}", PaperSize)
    dunnage_g, tare_g = (read(key, "an integer", int) for key in ("dunnage_g", "tare_g"))
    day = read("day", "a date as YYYY-MM-DD", date.fromisoformat)
    if faults:
        raise InputError(faults)
    texts = {key: fields.get(key, "") for key in ("container_no", "person", "company")}
    return paper or PaperSize.A4, Weighing(dunnage_g=dunnage_g or 0, tare_g=tare_g, day=day, **texts)
