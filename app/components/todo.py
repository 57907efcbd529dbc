"""What waits for the reader, as a short list of links."""

import streamlit as st

from app.layout import Viewer
from app.texts import _, mark, plural
from consortium.permissions import Action
from consortium.views import HomeView


def show_todo(who: Viewer, home: HomeView) -> None:
    """Say what needs doing now, and link to where it is done; say so when nothing does."""
    if not who.may(Action.ENTER_ORDERS) and not who.may(Action.MANAGE_SHIPMENTS):
        return
    st.subheader(_("To do"))
    tasks = _tasks_of_manager(home) if who.may(Action.MANAGE_SHIPMENTS) else _tasks_of_member(home)
    for label, page, query in tasks:
        st.page_link(f"app_pages/{page}.py", label=label, icon=":material/arrow_forward:", query_params=query)
    if not tasks:
        st.caption(_("Nothing waits for you now."))


Task = tuple[str, str, dict[str, str]]


def _tasks_of_manager(home: HomeView) -> list[Task]:
    tasks: list[Task] = []
    by_state = {
        "frozen": mark("Make the plan of {code}"),
        "planned": mark("Agree on the plan of {code}"),
        "agreed": mark("Send off {code}"),
    }
    for shipment in home.shipments:
        query = {"shipment": str(shipment.id)}
        if shipment.state == "open" and shipment.is_past_cut_off:
            tasks.append((_("Freeze {code}: its cut-off has passed", code=shipment.code), "shipment", query))
        elif shipment.state in by_state:
            tasks.append((_(by_state[shipment.state], code=shipment.code), "shipment", query))
    waiting = home.orders_by_state.get("entered", 0)
    opened = next((each for each in home.shipments if each.state == "open"), None)
    if waiting and opened is not None:
        label = plural("Gather {number} order that waits", "Gather {number} orders that wait", waiting)
        tasks.append((label, "shipment", {"shipment": str(opened.id)}))
    elif waiting:
        label = plural(
            "Open a pooled shipment for {number} order that waits",
            "Open a pooled shipment for {number} orders that wait",
            waiting,
        )
        tasks.append((label, "shipments", {}))
    return tasks


def _tasks_of_member(home: HomeView) -> list[Task]:
    tasks: list[Task] = [
        (_("See your share of {code}", code=each.code), "shipment", {"shipment": str(each.id)})
        for each in home.shipments
        if each.state in ("planned", "agreed") and each.consignments
    ]
    if not sum(home.orders_by_state.values()):
        tasks.append((_("Enter your first order"), "order", {"order": "new"}))
    return tasks
