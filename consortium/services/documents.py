"""Files of a pooled shipment to take away: the published documents of its plan in force, byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from consortium.database import in_transaction, need
from consortium.errors import NotFoundError
from consortium.formats.canonical import dumps
from consortium.models import PooledShipment, StoredPlan
from consortium.permissions import Action, Actor
from consortium.reach import reach_shipment
from consortium.stored_certificates import stored_certificate

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file for one person."""

    filename: str
    media_type: str
    content: bytes


SHIPMENT_DOCUMENTS = ("problem.json", "plan.json", "allocation.json", "certificate.json")
"""Names under which `shipment_document` knows them."""


@in_transaction
def shipment_document(actor: Actor, shipment_id: int, name: str, *, session: Session | None = None) -> Document:
    """Return one document of a shipment's plan in force, for who may see whole plans.

    Parameters
    ----------
    actor
        A manager or an auditor of the consortium.
    shipment_id
        The pooled shipment.
    name
        One of `SHIPMENT_DOCUMENTS`.
    session
        Unit of work to join.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    db = need(session)
    shipment = reach_shipment(actor, Action.SEE_PLANS, shipment_id, db)
    stored = db.get(StoredPlan, shipment.plan_id) if shipment.plan_id is not None else None
    written = _written(stored, name) if stored is not None and name in SHIPMENT_DOCUMENTS else None
    if not written:
        raise NotFoundError("document", name)
    return Document(filename=document_name(shipment, name), media_type=JSON_TYPE, content=dumps(dict(written)).encode())


def _written(stored: StoredPlan, name: str) -> Mapping[str, Any]:
    kind = name.removesuffix(".json")
    documents = {
        "problem": stored.problem,
        "plan": stored.plan,
        "allocation": stored.plan.get("allocation") or {},
        "certificate": stored_certificate(stored) or stored.certificate,
    }
    return documents[kind]


def document_name(shipment: PooledShipment, name: str) -> str:
    """Return the name of a file about a shipment, safe on every system."""
    return f"{safe_name(shipment.code)}-{name}"


def safe_name(code: str) -> str:
    """Return a code as part of a file's name, safe on every system."""
    return "".join(character if character.isalnum() or character in "-_" else "_" for character in code)
