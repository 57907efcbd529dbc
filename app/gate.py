"""The gate in front of everything: without a session nothing answers but sign-in, health check and shared loads.

Streamlit asks nobody who they are. This middleware does, before Streamlit sees a request: it strips any identity that
a browser claims, looks up the session cookie, and says who it is in the one header that
``server.trustedUserHeaders`` names. A websocket is asked again at every frame that comes in, because a rerun of a
fragment skips the main script, and now and then while nothing comes in.
"""

import asyncio
import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import anyio.to_thread
import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from app.index_page import dressed
from consortium.services import access

IDENTITY_HEADER = "x-consortium-user"
"""Set here and nowhere else; the settings map it to ``st.user["user_id"]``."""

CLOSED_WITHOUT_SESSION = 4401
CLOSED_BY_POLICY = 1008
IDLE_CHECK_S = 3.0
"""How often a websocket on which nothing comes in is asked for its session."""

OPEN_PATHS = frozenset({"/signin", "/healthz"})
SHARED_LOAD = re.compile(r"/load/[A-Za-z0-9_-]{1,200}", re.ASCII)
"""The one path more that anybody may read: a shared load plan, behind whose token `shared_load` looks itself."""

PATHS_BEFORE_PASSWORD_CHANGE = frozenset({"/password", "/signout"})
NEVER = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check", "/auth", "/oauth2callback")
"""Streamlit's own doors that this application does not use; closed for everybody."""

NOT_PAGES = ("/_stcore", "/static", "/media", "/component", "/app", "/files", "/assets")
"""Whoever asks for these without a session is a program or a script: 401 instead of the sign-in page."""

MAY_BE_CACHED = ("/static", "/app/static", "/component")
"""Files that are the same for everybody; all else is for one person and stays in no cache."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_name(scheme: str) -> str:
    """Return the session cookie's name: under https with the prefix that ties it to this host and to https."""
    return "__Host-consortium" if scheme in {"https", "wss"} else "consortium"


def session_token(connection: HTTPConnection) -> str:
    """Return the token that a browser sent, or an empty string."""
    return connection.cookies.get(cookie_name(connection.scope["scheme"]), "")


def set_session_cookie(response: Response, scheme: str, token: str) -> None:
    """Give the browser its token: scripts cannot read it, other sites cannot send it, closing the browser ends it."""
    response.set_cookie(cookie_name(scheme), token, path="/", httponly=True, samesite="lax", secure=scheme == "https")


def drop_session_cookie(response: Response, scheme: str) -> None:
    """Take the token away from the browser."""
    response.delete_cookie(cookie_name(scheme), path="/", httponly=True, samesite="lax", secure=scheme == "https")


def is_same_origin(headers: Headers, *, needed: bool) -> bool:
    """Say whether a request comes from our own pages.

    Parameters
    ----------
    headers
        Of the request.
    needed
        Whether a request that names no origin is refused; browsers name it whenever something may change.
    """
    origin = headers.get("origin")
    if origin is None:
        return not needed
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""


def is_host_allowed(host: str | None) -> bool:
    """Say whether a request's Host is one of ``server.allowedHosts``, which stops DNS rebinding."""
    name = urlsplit(f"//{host or ''}").hostname
    if not name:
        return False
    name = name.lower().rstrip(".")
    allowed = [pattern.lower().rstrip(".") for pattern in config.get_option("server.allowedHosts")]
    return any(name == it or it == "*" or (it.startswith("*.") and name.endswith(it[1:])) for it in allowed)


@lru_cache(maxsize=1)
def content_security_policy() -> str:
    """Return the policy of Streamlit's page: everything from here, no inline script but Streamlit's own by its hash."""
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", index, flags=re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline)
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def _secure(headers: MutableHeaders, path: str, scheme: str) -> None:
    headers.setdefault("Content-Security-Policy", content_security_policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    if scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if not _is_under(path, MAY_BE_CACHED):
        headers["Cache-Control"] = "private, no-store"


def _is_under(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)


def _is_shared_load(scope: Scope) -> bool:
    return scope["method"] in {"GET", "HEAD"} and SHARED_LOAD.fullmatch(scope["path"]) is not None


def _may_be_page(scope: Scope) -> bool:
    return scope["method"] in SAFE_METHODS and not _is_under(scope["path"], NOT_PAGES)


def _plain(scope: Scope) -> Scope:
    """Return the scope of a request that is answered in full and not compressed."""
    dropped = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range", b"if-range"}
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]}


class _Dresser:
    """Holds an HTML answer back until it is whole, and dresses it if it is Streamlit's page."""

    def __init__(self, language: str, send: Send) -> None:
        self._language, self._send = language, send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._is_html(message):
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        page = dressed(self._body, self._language)
        headers = MutableHeaders(scope=self._start)
        if page != self._body:
            headers["Content-Length"] = str(len(page))
            del headers["ETag"]
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": page})

    @staticmethod
    def _is_html(message: Message) -> bool:
        return MutableHeaders(scope=message).get("content-type", "").startswith("text/html")


def _identified(scope: Scope, user_id: int | None) -> Scope:
    """Return the scope without any claimed identity, and with the true one when there is one."""
    claimed = IDENTITY_HEADER.encode()
    headers = [(name, value) for name, value in scope["headers"] if name.lower().replace(b"_", b"-") != claimed]
    if user_id is not None:
        headers.append((claimed, str(user_id).encode()))
    return {**scope, "headers": headers}


async def _signed_in(token: str) -> access.SignedIn | None:
    return await anyio.to_thread.run_sync(access.signed_in, token)


class Gate:
    """ASGI middleware around Streamlit and our own routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge what comes in; let the server's own start and stop through."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, scheme = scope["path"], scope["scheme"]

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                _secure(MutableHeaders(scope=message), path, scheme)
            await send(message)

        refusal, found = await self._judge(scope)
        if refusal is not None:
            await refusal(scope, receive, send_secured)
        elif found is not None and _may_be_page(scope):
            dresser = _Dresser(found.language, send_secured)
            await self._app(_identified(_plain(scope), found.user_id), receive, dresser.send)
        else:
            await self._app(_identified(scope, found.user_id if found else None), receive, send_secured)

    async def _judge(self, scope: Scope) -> tuple[Response | None, access.SignedIn | None]:
        """Return the refusal of a request, or None and whose session it is."""
        connection = HTTPConnection(scope)
        path = scope["path"]
        if not is_host_allowed(connection.headers.get("host")):
            return PlainTextResponse("Unknown host", 400), None
        if scope["method"] not in SAFE_METHODS and not is_same_origin(connection.headers, needed=True):
            return PlainTextResponse("Other origin", 403), None
        if path in OPEN_PATHS or _is_shared_load(scope):
            return None, None
        if _is_under(path, NEVER):
            return PlainTextResponse("Not found", 404), None
        found = await _signed_in(session_token(connection))
        is_page = _may_be_page(scope)
        if found is None:
            if not is_page:
                return PlainTextResponse("Sign in", 401), None
            return RedirectResponse(f"/signin?next={quote(_target(scope), safe='')}", 303), None
        if found.must_change_password and path not in PATHS_BEFORE_PASSWORD_CHANGE:
            return (RedirectResponse("/password", 303) if is_page else PlainTextResponse("Change password", 403)), None
        return None, found

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        headers = connection.headers
        if not is_host_allowed(headers.get("host")) or not is_same_origin(headers, needed=False):
            await send({"type": "websocket.close", "code": CLOSED_BY_POLICY})
            return
        token = session_token(connection)
        found = await _signed_in(token)
        if found is None or found.must_change_password:
            await send({"type": "websocket.close", "code": CLOSED_WITHOUT_SESSION})
            return
        guarded = _GuardedSocket(token, found.user_id, receive, send)
        watch = asyncio.create_task(guarded.watch(), name="gate-watch")
        try:
            await self._app(_identified(scope, found.user_id), guarded.receive, guarded.send)
        finally:
            watch.cancel()


class _GuardedSocket:
    """A websocket that closes as soon as its session is found ended."""

    def __init__(self, token: str, user_id: int, receive: Receive, send: Send) -> None:
        self._token, self._user_id = token, user_id
        self._receive, self._send = receive, send
        self._is_closed = False
        self._is_accepted = False

    async def _is_valid(self) -> bool:
        found = await _signed_in(self._token)
        return found is not None and found.user_id == self._user_id

    async def _close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            await self._send({"type": "websocket.close", "code": CLOSED_WITHOUT_SESSION})

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.receive" and (self._is_closed or not await self._is_valid()):
            await self._close()
            return {"type": "websocket.disconnect", "code": CLOSED_WITHOUT_SESSION}
        return message

    async def send(self, message: Message) -> None:
        if self._is_closed:
            return
        self._is_accepted |= message["type"] == "websocket.accept"
        self._is_closed = message["type"] == "websocket.close"
        await self._send(message)

    async def watch(self) -> None:
        while not self._is_closed:
            await asyncio.sleep(IDLE_CHECK_S)
            if self._is_accepted and not await self._is_valid():
                await self._close()


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else scope["path"]
