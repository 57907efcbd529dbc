"""Streamlit's empty page, dressed: the reader's language, our title, scripts and a style sheet of ours."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

ASSETS = Path(__file__).with_name("assets")
SCRIPTS = ("session.js", "words.js")
"""Files of `ASSETS` that every page loads before Streamlit's, in this order."""

STYLES = ("ours.css",)
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}

_HTML, _HEAD, _TITLE = b'<html lang="en">', b"<head>", b"<title>Streamlit</title>"


def is_streamlits(page: bytes) -> bool:
    """Say whether a page is Streamlit's empty one."""
    return b'<div id="root"></div>' in page


def dressed(page: bytes, language: str) -> bytes:
    """Return Streamlit's page with what screen readers and signed-out people need; other pages as they are.

    Parameters
    ----------
    page
        HTML, not compressed.
    language
        Code of the reader's language: screen readers pronounce by it.
    """
    if not is_streamlits(page):
        return page
    ours = "".join(f'<script src="/assets/{name}"></script>' for name in SCRIPTS)
    ours += "".join(f'<link rel="stylesheet" href="/assets/{name}">' for name in STYLES)
    return (
        page.replace(_HTML, f'<html lang="{language}">'.encode(), 1)
        .replace(_HEAD, _HEAD + ours.encode(), 1)
        .replace(_TITLE, b"<title>Consortium</title>", 1)
    )


async def asset(request: Request) -> Response:
    """Send one of our files; Streamlit's own static files would be sent as plain text."""
    name = request.path_params["name"]
    if name not in (*SCRIPTS, *STYLES):
        return PlainTextResponse("Not found", 404)
    return FileResponse(ASSETS / name, media_type=MEDIA_TYPES[Path(name).suffix])


ROUTES = [Route("/assets/{name}", asset, methods=["GET"])]
