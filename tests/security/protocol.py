"""A browser without a screen: signs in over HTTP and speaks Streamlit's websocket protocol.

``streamlit.proto`` is private to Streamlit; this is the only file that touches it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

COOKIE = "consortium"
PATIENCE_S = 30.0


class Browser:
    """One person's cookies and requests."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(base_url=base_url, headers={"Origin": base_url}, timeout=PATIENCE_S)

    def sign_in(self, username: str, password: str, **more: str) -> httpx.Response:
        """Send the form of the sign-in page."""
        return self.http.post("/signin", data={"username": username, "password": password, **more})

    @property
    def token(self) -> str:
        """The session token that the server gave, or nothing."""
        return self.http.cookies.get(COOKIE, "")

    def open(self, *, session_id: str = "", **more: Any) -> "Page":
        """Open a page's websocket with this person's cookies."""
        return open_page(self.base_url, cookie=f"{COOKIE}={self.token}", session_id=session_id, **more)


@dataclass
class Run:
    """What the server sent for one rerun."""

    messages: list[ForwardMsg] = field(default_factory=list)

    @property
    def raw(self) -> bytes:
        """Everything that went over the wire."""
        return b"\n".join(message.SerializeToString() for message in self.messages)

    def says(self, words: str) -> bool:
        """Say whether words are anywhere in what was sent."""
        return words.encode() in self.raw

    @property
    def session_id(self) -> str:
        return next(m.new_session.initialize.session_id for m in self.messages if m.HasField("new_session"))

    @property
    def pages(self) -> dict[str, str]:
        """Names in the address of the pages on offer, hidden ones too, with their hashes."""
        offers = [message.navigation for message in self.messages if message.HasField("navigation")]
        return {page.url_pathname: page.page_script_hash for offer in offers for page in offer.app_pages}

    @property
    def has_failed(self) -> bool:
        return bool(self.traces())

    def traces(self) -> list[str]:
        """Return what the exceptions that were sent tell."""
        return [
            "\n".join([m.delta.new_element.exception.message, *m.delta.new_element.exception.stack_trace])
            for m in self.messages
            if m.HasField("delta") and m.delta.new_element.HasField("exception")
        ]

    def widget(self, label: str) -> str:
        """Return the id of the widget with a label."""
        return next(part.id for part in self.parts() if getattr(part, "label", None) == label and part.id)

    def fragment_ids(self) -> set[str]:
        return {m.delta.fragment_id for m in self.messages if m.HasField("delta") and m.delta.fragment_id}

    def media_urls(self) -> list[str]:
        """Return the addresses of files that this run put into Streamlit's own store."""
        return [part.url for part in self.parts() if getattr(part, "url", "").startswith("/media/")]

    def parts(self) -> Iterator[Any]:
        """Yield every message within the elements that were sent."""
        stack = [message.delta for message in self.messages if message.HasField("delta")]
        while stack:
            part = stack.pop()
            yield part
            for descriptor, value in part.ListFields():
                if descriptor.message_type is None or descriptor.message_type.GetOptions().map_entry:
                    continue
                stack += [value] if hasattr(value, "ListFields") else list(value)


class Page:
    """An open websocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def rerun(
        self,
        page: str = "",
        *,
        query: str = "",
        widgets: Sequence[WidgetState] = (),
        fragment_id: str = "",
        page_hash: str = "",
    ) -> Run:
        """Ask for a rerun and return what comes back until the script has finished."""
        wanted = BackMsg()
        state = wanted.rerun_script
        state.query_string, state.page_name, state.fragment_id = query, page, fragment_id
        state.page_script_hash = page_hash
        state.widget_states.widgets.extend(widgets)
        self.socket.send(wanted.SerializeToString())
        return self.receive()

    def receive(self) -> Run:
        """Return what comes until a script has finished for good."""
        run = Run()
        while True:
            message = ForwardMsg.FromString(self.socket.recv(PATIENCE_S, decode=False))
            run.messages.append(message)
            if message.HasField("script_finished") and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return run

    def send(self, frame: bytes) -> None:
        self.socket.send(frame)

    def close_code(self, patience_s: float = PATIENCE_S) -> int:
        """Wait until the server closes; return its code."""
        try:
            while True:
                self.socket.recv(patience_s)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def close(self) -> None:
        self.socket.close()


def open_page(
    base_url: str,
    *,
    cookie: str = "",
    session_id: str = "",
    origin: str | None = "",
    headers: dict[str, str] | None = None,
) -> Page:
    """Open a websocket; `origin` empty is the server's own, None sends none."""
    sent = {"Cookie": cookie, **(headers or {})} if cookie else dict(headers or {})
    return Page(
        connect(
            base_url.replace("http", "ws", 1) + "/_stcore/stream",
            origin=base_url if origin == "" else origin,  # type: ignore[arg-type]
            additional_headers=sent,
            subprotocols=["streamlit", "no-token", session_id] if session_id else ["streamlit"],  # type: ignore[list-item]
            max_size=None,
            proxy=None,
            open_timeout=PATIENCE_S,
        ).__enter__()
    )


def trigger(widget_id: str) -> WidgetState:
    """Return a pressed button."""
    return WidgetState(id=widget_id, trigger_value=True)


def number(widget_id: str, value: float) -> WidgetState:
    """Return a typed number."""
    return WidgetState(id=widget_id, double_value=value)


def debug_shutdown() -> bytes:
    """Return the frame that stops a server in development."""
    return BackMsg(debug_shutdown_runtime=True).SerializeToString()
