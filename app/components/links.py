"""Links to other pages, and to routes that the server answers itself."""

import html

import streamlit as st

from app.texts import _


def same_tab_link(label: str, path: str) -> None:
    """Show a link to a path of this server, such as `/password`, that opens in this tab."""
    st.html(f'<a href="{html.escape(path)}" target="_self" style="color: inherit">{html.escape(label)}</a>')


def load_plan_link(shipment_id: int) -> None:
    """Link to the load plans of a pooled shipment's containers."""
    st.page_link(
        "app_pages/load_plan.py",
        label=_("Load plan"),
        icon=":material/package_2:",
        query_params={"shipment": str(shipment_id)},
    )


def invoice_link(shipment_id: int) -> None:
    """Link to what was invoiced for a pooled shipment."""
    st.page_link(
        "app_pages/invoice.py",
        label=_("Invoice"),
        icon=":material/request_quote:",
        query_params={"shipment": str(shipment_id)},
    )


def by_hand_link(shipment_id: int, number: int) -> None:
    """Link to the manual work on one container's load."""
    st.page_link(
        "app_pages/load_by_hand.py",
        label=_("Change this load by hand"),
        icon=":material/pan_tool:",
        query_params={"shipment": str(shipment_id), "container": str(number)},
    )


def share_link(shipment_id: int, member: str, label: str) -> None:
    """Link to what explains one member's share."""
    st.page_link(
        "app_pages/share_explained.py",
        label=label,
        icon=":material/account_tree:",
        query_params={"shipment": str(shipment_id), "member": member},
    )


def rules_link(shipment_id: int) -> None:
    """Link to the comparison of all rules for a shipment."""
    st.page_link(
        "app_pages/method_comparison.py",
        label=_("Compare rules, ask what if"),
        icon=":material/compare_arrows:",
        query_params={"shipment": str(shipment_id)},
    )
