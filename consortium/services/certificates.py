"""A member's part of a certificate to take away: as data, and as a paper in the reader's language."""

from collections.abc import Mapping

from sqlmodel import Session

from consortium.database import in_transaction, need
from consortium.documents.paper_words import PaperWords
from consortium.documents.papers import MEDIA_TYPES
from consortium.documents.share_certificate import share_certificate
from consortium.documents.typesetting import PaperSize
from consortium.errors import Fault, InputError, NotFoundError
from consortium.formats.canonical import dumps
from consortium.formats.json_text import show
from consortium.formats.member_certificate_json import member_certificate_to_json
from consortium.models import Consortium
from consortium.permissions import Action, Actor
from consortium.queries.certificates import member_certificate
from consortium.reach import reach_shipment
from consortium.services.documents import JSON_TYPE, Document, document_name, safe_name
from consortium.texts import locale_of, translate

MEMBER_CERTIFICATES = ("certificate.pdf", "certificate.json")
"""Names under which `member_certificate_file` knows a member's part."""


@in_transaction
def member_certificate_file(
    actor: Actor,
    shipment_id: int,
    member_id: int,
    name: str,
    fields: Mapping[str, str],
    *,
    session: Session | None = None,
) -> Document:
    """Return a member's part of the certificate of a shipment's plan in force.

    Parameters
    ----------
    member_id
        One of its own firms for a member, any firm for who may see all shares.
    name
        One of `MEMBER_CERTIFICATES`.
    fields
        As texts: ``paper`` (a4 or us-letter) for the PDF. Others are not looked at.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    db = need(session)
    part = member_certificate(actor, shipment_id, member_id, session=db)
    shipment = reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, db)
    filename = document_name(shipment, f"{safe_name(part.member.id)}-{name}")
    if name == "certificate.json":
        content = dumps(member_certificate_to_json(part)).encode()
        return Document(filename=filename, media_type=JSON_TYPE, content=content)
    if name != "certificate.pdf":
        raise NotFoundError("document", name)
    country = db.get_one(Consortium, shipment.consortium_id).country
    words = PaperWords(translate(actor.language), str(locale_of(actor.language, country)))
    content = share_certificate(part, words, paper=_sheet(fields))
    return Document(filename=filename, media_type=MEDIA_TYPES[".pdf"], content=content)


def _sheet(fields: Mapping[str, str]) -> PaperSize:
    asked = fields.get("paper") or PaperSize.A4
    if asked not in set(PaperSize):
        raise InputError([Fault("paper", "unknown_value", f"one of {', '.join(PaperSize)}", show(asked))])
    return PaperSize(asked)
