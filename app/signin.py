"""The routes around a session: sign in, sign out, change the password, health."""

import logging
import math
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app import signin_page as pages
from app.gate import drop_session_cookie, session_token, set_session_cookie
from app.guesses import GuessLimiter
from consortium.errors import InputError
from consortium.permissions import Actor
from consortium.services import access

VERIFIED_AT_ONCE = 2
"""Passwords verified at the same time: each takes 64 MiB and a core for a quarter of a second."""

MOST_WAITING = 30
"""Sign-ins that may wait for their turn; more are sent away at once, so that a flood costs no memory."""

LONGEST_FORM_BYTES = 8_192
BUSY_FOR_S = 5.0
LANGUAGE_COOKIE = "consortium-language"
LANGUAGE_KEPT_S = 365 * 24 * 3600

_log = logging.getLogger(__name__)
_limiter = GuessLimiter()
_verifying = anyio.Semaphore(VERIFIED_AT_ONCE)


def safe_target(target: str) -> str:
    """Return a path on this server to go to after signing in; anything else becomes the first page."""
    parts = urlsplit(target)
    is_path = target.startswith("/") and not target.startswith("//") and not parts.scheme and not parts.netloc
    if not is_path or "\\" in target or any(ord(character) < 32 for character in target):
        return "/"
    return "/" if parts.path in {"/signin", "/signout", "/password"} else target


def _page(content: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(content, status, {"Content-Security-Policy": pages.CONTENT_SECURITY_POLICY})


def _language(request: Request, asked: str) -> str:
    kept = request.cookies.get(LANGUAGE_COOKIE, "")
    return pages.choose_language(asked, kept, request.headers.get("accept-language", ""))


async def _form(request: Request) -> dict[str, str] | None:
    """Return a small form's fields, or None when the body is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM_BYTES:
            return None
    request._body = body  # noqa: SLF001 - Starlette's own cache of a body that was read
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def show_sign_in(request: Request) -> Response:
    """Show the sign-in page, or go on when a session is open already."""
    asked = request.query_params.get("lang", "")
    target = safe_target(request.query_params.get("next", "/"))
    token = session_token(request)
    if token and await anyio.to_thread.run_sync(access.session_is_valid, token):
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)
    language = _language(request, asked)
    response = _page(pages.sign_in_page(language, target=target, asked=asked if asked in pages.LANGUAGES else ""))
    if asked in pages.LANGUAGES:
        _keep_language(response, asked, request)
    return response


def _keep_language(response: Response, language: str, request: Request) -> None:
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=LANGUAGE_KEPT_S, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip


async def sign_in(request: Request) -> Response:
    """Check name and password, open a session, and go where the person wanted to go."""
    form = await _form(request)
    if form is None:
        return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    asked = form.get("lang", "") if form.get("lang", "") in pages.LANGUAGES else ""
    language = _language(request, asked)
    target = safe_target(form.get("next", "/"))
    username, address = access.tidy_username(form.get("username", ""))[:100], _address(request)
    again = partial(pages.sign_in_page, language, target=target, asked=asked, username=username)
    is_full = _verifying.statistics().tasks_waiting >= MOST_WAITING
    wait_s = BUSY_FOR_S if is_full else _limiter.ask(username, address)
    if wait_s > 0:
        seconds = math.ceil(wait_s)
        response = _page(again(error=pages.text(language, "wait", seconds=seconds)), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(seconds)
        return response
    async with _verifying:
        actor = await anyio.to_thread.run_sync(access.authenticate, username, form.get("password", ""))
    if actor is None:
        _log.warning("sign-in refused for %r from %s", username, address)
        return _page(again(error=pages.text(language, "wrong")), HTTPStatus.UNAUTHORIZED)
    _limiter.right(username, address)
    return await _signed_in(request, actor, target, asked)


async def _signed_in(request: Request, actor: Actor, target: str, asked: str) -> Response:
    if old := session_token(request):
        await anyio.to_thread.run_sync(access.close_session, old)
    token = await anyio.to_thread.run_sync(access.open_session, actor.user_id)
    if asked and asked != actor.language:
        await anyio.to_thread.run_sync(access.set_language, actor, asked)
    response = RedirectResponse(target, HTTPStatus.SEE_OTHER)
    set_session_cookie(response, request.url.scheme, token)
    return response


async def ask_sign_out(request: Request) -> Response:
    """Sign out at once when the link was on our own page; ask first when it was anywhere else."""
    if request.headers.get("sec-fetch-site") == "same-origin":
        return await sign_out(request)
    actor = await _actor(request)
    if actor is None:
        return RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    return _page(pages.sign_out_page(_own_language(actor), name=actor.display_name or actor.username))


async def sign_out(request: Request) -> Response:
    """End the session."""
    await anyio.to_thread.run_sync(access.close_session, session_token(request))
    response = RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    drop_session_cookie(response, request.url.scheme)
    return response


async def _actor(request: Request) -> Actor | None:
    return await anyio.to_thread.run_sync(access.actor_of_token, session_token(request))


def _own_language(actor: Actor) -> str:
    return actor.language if actor.language in pages.LANGUAGES else pages.DEFAULT_LANGUAGE


async def show_password(request: Request) -> Response:
    """Show the page that changes the own password."""
    return await _password_page(request, "")


async def _password_page(request: Request, error: str, status: int = 200) -> Response:
    token = session_token(request)
    found = await anyio.to_thread.run_sync(access.signed_in, token)
    actor = await _actor(request)
    if actor is None or found is None:
        return RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    language = _own_language(actor)
    sentence = pages.text(language, error) if error else ""
    must_change = found.must_change_password
    page = pages.password_page(language, must_change=must_change, username=actor.username, error=sentence)
    return _page(page, status)


async def change_password(request: Request) -> Response:
    """Change the own password; the limiter counts wrong present passwords like wrong sign-ins."""
    form, actor = await _form(request), await _actor(request)
    if form is None or actor is None:
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    if form.get("new", "") != form.get("again", ""):
        return await _password_page(request, "password_differs", HTTPStatus.UNPROCESSABLE_ENTITY)
    if _limiter.ask(actor.username, _address(request)) > 0:
        return await _password_page(request, "password_wrong", HTTPStatus.TOO_MANY_REQUESTS)
    change = partial(access.change_own_password, keep_token=session_token(request))
    try:
        async with _verifying:
            await anyio.to_thread.run_sync(change, actor, form.get("old", ""), form.get("new", ""))
    except InputError as error:
        if error.faults[0].code != "password_wrong":
            _limiter.right(actor.username, _address(request))
        return await _password_page(request, error.faults[0].code, HTTPStatus.UNPROCESSABLE_ENTITY)
    _limiter.right(actor.username, _address(request))
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)


async def health(_request: Request) -> Response:
    """Say that the server answers, and nothing else."""
    return JSONResponse({"status": "ok"})


ROUTES = [
    Route("/signin", show_sign_in, methods=["GET"]),
    Route("/signin", sign_in, methods=["POST"]),
    Route("/signout", ask_sign_out, methods=["GET"]),
    Route("/signout", sign_out, methods=["POST"]),
    Route("/password", show_password, methods=["GET"]),
    Route("/password", change_password, methods=["POST"]),
    Route("/healthz", health, methods=["GET"]),
]
