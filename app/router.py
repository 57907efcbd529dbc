"""What Streamlit runs at each rerun: who is here, and which pages that person may open."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.components.states import error_box, not_available
from app.layout import Viewer, frame, viewer
from app.texts import _, mark
from consortium.permissions import Action


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its file, its words, its place in the navigation, and who may open it."""

    name: str
    title: str
    icon: str
    group: str
    allowed: Callable[[Viewer], bool]
    listed: bool = True


def _with(action: Action) -> Callable[[Viewer], bool]:
    return lambda who: who.may(action)


ENTRIES = (
    Entry("home", mark("Home"), ":material/home:", "", lambda _who: True),
    Entry("shipments", mark("Pooled shipments"), ":material/directions_boat:", "work", _with(Action.SEE_SHIPMENTS)),
    Entry("shipment", mark("Pooled shipment"), ":material/directions_boat:", "", _with(Action.SEE_SHIPMENTS), False),
    Entry("load_plan", mark("Load plan"), ":material/package_2:", "", _with(Action.SEE_SHIPMENTS), False),
    Entry("plan_answers", mark("Why not, and what else?"), ":material/help:", "", _with(Action.SEE_PLANS), False),
    Entry("load_by_hand", mark("Load by hand"), ":material/pan_tool:", "", _with(Action.MANAGE_SHIPMENTS), False),
    Entry("orders", mark("Orders"), ":material/receipt_long:", "work", _with(Action.SEE_OWN_ORDERS)),
    Entry("order", mark("Order"), ":material/receipt_long:", "", _with(Action.SEE_OWN_ORDERS), False),
    Entry("import_orders", mark("Import orders"), ":material/upload:", "", _with(Action.ENTER_ORDERS), False),
    Entry("products", mark("Products"), ":material/inventory_2:", "work", _with(Action.SEE_OWN_ORDERS)),
    Entry("cost_shares", mark("Cost shares"), ":material/balance:", "work", _with(Action.SEE_OWN_COST_SHARE)),
    Entry("invoice", mark("Invoice"), ":material/request_quote:", "", _with(Action.SEE_OWN_COST_SHARE), False),
    Entry("rules", mark("Rules"), ":material/gavel:", "market", _with(Action.SEE_RULES)),
    Entry(
        "share_explained", mark("A share explained"), ":material/balance:", "", _with(Action.SEE_OWN_COST_SHARE), False
    ),
    Entry("method_comparison", mark("Rules compared"), ":material/balance:", "", _with(Action.SEE_COST_SHARES), False),
    Entry(
        "statement",
        mark("Statement"),
        ":material/account_balance_wallet:",
        "work",
        _with(Action.SEE_OWN_STATEMENT),
    ),
    Entry("books", mark("Books"), ":material/menu_book:", "market", _with(Action.SEE_BOOKS)),
    Entry("departures", mark("Departures"), ":material/event:", "market", _with(Action.SEE_DEPARTURES)),
    Entry("tariffs", mark("Tariffs"), ":material/sell:", "market", _with(Action.SEE_TARIFFS)),
    Entry("members", mark("Members"), ":material/groups:", "market", _with(Action.SEE_MEMBERS)),
    Entry("audit_trail", mark("Audit trail"), ":material/history:", "you", _with(Action.SEE_AUDIT_TRAIL)),
    Entry("users", mark("Users"), ":material/manage_accounts:", "you", lambda who: who.is_administrator),
    Entry("consortia", mark("Consortia"), ":material/domain:", "you", lambda who: who.is_administrator),
    Entry("account", mark("My account"), ":material/person:", "you", lambda _who: True),
)
GROUPS = {"": "", "work": mark("Work"), "market": mark("Consortium"), "you": mark("Administration")}


def pages_for(who: Viewer) -> dict[str, list[StreamlitPage]]:
    """Return the navigation of a person; a page of somebody else answers "not available", whoever asks."""
    sections: dict[str, list[StreamlitPage]] = {}
    for entry in ENTRIES:
        allowed = entry.allowed(who)
        page = st.Page(
            f"app_pages/{entry.name}.py" if allowed else _refusal(entry.name),
            title=_(entry.title),
            icon=entry.icon,
            url_path=entry.name,
            default=entry.name == "home",
            visibility="visible" if allowed and entry.listed else "hidden",
        )
        group = entry.group if allowed else ""
        sections.setdefault(_(GROUPS[group]) if group else "", []).append(page)
    return sections


def _refusal(name: str) -> Callable[[], None]:
    def refuse() -> None:
        not_available()

    refuse.__name__ = name
    return refuse


who = viewer()
st.set_page_config(page_title=_("Export consortium"), page_icon="🚢", layout="wide")
page = st.navigation(pages_for(who))
with error_box():
    frame(who)
    page.run()
