"""Files to take away, each from its own address and with a role check at each request.

Streamlit's download addresses know no owner: whoever has the address has the file. So documents never go through
``st.download_button``; a page links to ``/files/...`` instead (`shipment_link`).
"""

from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.gate import session_token
from consortium.errors import NotFoundError
from consortium.permissions import ForbiddenError
from consortium.services import access, documents


def shipment_link(shipment_id: int, name: str) -> str:
    """Return the address of a document of a pooled shipment, such as ``plan.json``."""
    return f"/files/shipments/{shipment_id}/{name}"


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
    disposition = f"attachment; filename*=UTF-8''{quote(found.filename)}"
    return Response(found.content, media_type=found.media_type, headers={"Content-Disposition": disposition})


async def no_file(_request: Request) -> Response:
    """Answer 404 for every other address here, instead of Streamlit's page."""
    return PlainTextResponse("Not found", 404)


ROUTES = [
    Route("/files/shipments/{shipment_id:int}/{name}", shipment_file, methods=["GET"]),
    Route("/files/{rest:path}", no_file),
]
