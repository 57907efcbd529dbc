"""The one route that anybody may open without a session: a load plan behind a token, read-only."""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.signin_page import choose_language
from consortium.documents.load_page import CONTENT_SECURITY_POLICY, closed_page, load_page
from consortium.services.shared_links import open_link
from consortium.shared_loads import shared_views
from consortium.texts import translate

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Beside those that the gate gives every answer, `no-store` among them."""


def shared_link(token: str) -> str:
    """Return the path of a link."""
    return f"/load/{token}"


async def shared_load(request: Request) -> Response:
    """Show what a token opens, or one and the same page for every token that opens nothing."""
    page = await anyio.to_thread.run_sync(_page, request.path_params["token"])
    if page is not None:
        return HTMLResponse(page, headers=HEADERS)
    language = choose_language("", "", request.headers.get("accept-language", ""))
    return HTMLResponse(closed_page(translate(language)), 404, HEADERS)


def _page(token: str) -> str | None:
    opened = open_link(token)
    if opened is None:
        return None
    return load_page(
        shared_views(opened.plan, opened.link.container, opened.link.firms),
        translate(opened.link.language),
        shipment=opened.shipment_code,
        consortium=opened.consortium_name,
        expires_at=opened.link.expires_at,
        time_zone=opened.time_zone,
        is_in_force=opened.is_in_force,
    )


ROUTES = [Route("/load/{token}", shared_load, methods=["GET"])]
