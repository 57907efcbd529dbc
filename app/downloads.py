"""Files to take away, each from its own address and with a role check at each request.

Streamlit's download addresses know no owner: whoever has the address has the file. So documents never go through
``st.download_button``; a page links to ``/files/...`` instead (`shipment_link`).
"""

from collections.abc import Callable
from functools import partial
from urllib.parse import quote, urlencode

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.gate import session_token
from consortium.errors import InputError, NotFoundError
from consortium.exporting import template
from consortium.fault_texts import sentence
from consortium.importing import ACTION_OF
from consortium.permissions import Actor, ForbiddenError, may
from consortium.services import access, documents
from consortium.services.certificates import member_certificate_file
from consortium.services.documents import Document
from consortium.services.load_papers import shipment_load_paper
from consortium.services.statements import statement_file, trial_balance_file
from consortium.texts import translate

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def shipment_link(shipment_id: int, name: str) -> str:
    """Return the address of a document of a pooled shipment, such as ``plan.json``."""
    return f"/files/shipments/{shipment_id}/{name}"


def load_paper_link(shipment_id: int, number: int, name: str, **fields: str) -> str:
    """Return the address of a paper of a container's load, such as ``stuffing-sheet.pdf``, with its fields."""
    path = f"/files/shipments/{shipment_id}/loads/{number}/{name}"
    return f"{path}?{urlencode(fields)}" if fields else path


def statement_link(member_id: int, name: str, **fields: str) -> str:
    """Return the address of a member's statement, ``statement.pdf`` or ``statement.xlsx``, with its period."""
    path = f"/files/members/{member_id}/{name}"
    return f"{path}?{urlencode(fields)}" if fields else path


def trial_balance_link(consortium_id: int, **fields: str) -> str:
    """Return the address of a consortium's trial balance as a workbook."""
    path = f"/files/books/{consortium_id}/trial-balance.xlsx"
    return f"{path}?{urlencode(fields)}" if fields else path


def member_certificate_link(shipment_id: int, member_id: int, name: str, **fields: str) -> str:
    """Return the address of a member's part of a certificate, such as ``certificate.pdf``, with its fields."""
    path = f"/files/shipments/{shipment_id}/certificates/{member_id}/{name}"
    return f"{path}?{urlencode(fields)}" if fields else path


def template_link(kind: str) -> str:
    """Return the address of the workbook to fill in for a kind of import, such as ``orders``."""
    return f"/files/templates/{kind}.xlsx"


async def template_file(request: Request) -> Response:
    """Send a workbook to fill in, in the language of the person, to whoever may import what it is for."""
    kind = request.path_params["kind"]
    actor = await anyio.to_thread.run_sync(access.actor_of_token, session_token(request))
    if actor is None:
        return PlainTextResponse("Sign in", 401)
    if not _may_import(actor, kind):
        return PlainTextResponse("Not found", 404)
    content = await anyio.to_thread.run_sync(template, kind, actor.language)
    return Response(content, media_type=XLSX_TYPE, headers={"Content-Disposition": _disposition(f"{kind}.xlsx")})


def _may_import(actor: Actor, kind: str) -> bool:
    """Say whether a person may import a kind anywhere: a manager, or a member for its own firm."""
    action = ACTION_OF.get(kind)
    return action is not None and any(may(actor, action, one.consortium_id, one.member_id) for one in actor.grants)


def _disposition(filename: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(filename)}"


async def shipment_file(request: Request) -> Response:
    """Send a document of a shipment, or 404 for whatever is not there for this person: the two are not told apart."""
    shipment_id, name = request.path_params["shipment_id"], request.path_params["name"]
    actor = await anyio.to_thread.run_sync(access.actor_of_token, session_token(request))
    if actor is None:
        return PlainTextResponse("Sign in", 401)
    try:
        found = await anyio.to_thread.run_sync(documents.shipment_document, actor, shipment_id, name)
    except (ForbiddenError, NotFoundError, OverflowError):
        return PlainTextResponse("Not found", 404)
    headers = {"Content-Disposition": _disposition(found.filename)}
    return Response(found.content, media_type=found.media_type, headers=headers)


async def load_paper_file(request: Request) -> Response:
    """Send a paper of a container's load, as much of it as this person may see; 400 with all that its fields lack."""
    return await _made_file(request, shipment_load_paper, "shipment_id", "number", "name")


async def member_statement_file(request: Request) -> Response:
    """Send a member's statement to the member itself, a manager or an auditor."""
    return await _made_file(request, statement_file, "member_id", "name")


async def books_file(request: Request) -> Response:
    """Send the trial balance to a manager or an auditor."""
    return await _made_file(request, trial_balance_file, "consortium_id")


async def member_certificate_route(request: Request) -> Response:
    """Send a member's part of a certificate to the member itself, or to who may see all shares."""
    return await _made_file(request, member_certificate_file, "shipment_id", "member_id", "name")


async def _made_file(request: Request, service: Callable[..., Document], *keys: str) -> Response:
    """Send what a service makes of the parts of the address and its fields."""
    actor = await anyio.to_thread.run_sync(access.actor_of_token, session_token(request))
    if actor is None:
        return PlainTextResponse("Sign in", 401)
    where = [request.path_params[key] for key in keys]
    try:
        found = await anyio.to_thread.run_sync(partial(service, actor, *where, dict(request.query_params)))
    except InputError as error:
        texts = translate(actor.language)
        return PlainTextResponse("\n".join(sentence(fault, texts) for fault in error.faults), 400)
    except (ForbiddenError, NotFoundError, OverflowError):
        return PlainTextResponse("Not found", 404)
    headers = {"Content-Disposition": _disposition(found.filename)}
    return Response(found.content, media_type=found.media_type, headers=headers)


async def no_file(_request: Request) -> Response:
    """Answer 404 for every other address here, instead of Streamlit's page."""
    return PlainTextResponse("Not found", 404)


ROUTES = [
    Route("/files/templates/{kind}.xlsx", template_file, methods=["GET"]),
    Route("/files/shipments/{shipment_id:int}/{name}", shipment_file, methods=["GET"]),
    Route("/files/shipments/{shipment_id:int}/loads/{number:int}/{name}", load_paper_file, methods=["GET"]),
    Route("/files/members/{member_id:int}/{name}", member_statement_file, methods=["GET"]),
    Route("/files/books/{consortium_id:int}/trial-balance.xlsx", books_file, methods=["GET"]),
    Route(
        "/files/shipments/{shipment_id:int}/certificates/{member_id:int}/{name}",
        member_certificate_route,
        methods=["GET"],
    ),
    Route("/files/{rest:path}", no_file),
]
