"""The published documents of a plan, to take away and check elsewhere."""

import streamlit as st

from app.components.links import same_tab_link
from app.downloads import shipment_link
from app.texts import _, mark
from consortium.services.documents import SHIPMENT_DOCUMENTS
from consortium.views_plans import PlanView

WORDS = {
    "problem.json": mark("The problem: orders, departures and charges"),
    "plan.json": mark("The plan: what travels in what, and every charge"),
    "allocation.json": mark("The cost shares"),
    "certificate.json": mark("The certificate of the cost shares"),
}
ABOUT_SHARES = ("allocation.json", "certificate.json")


def show_documents(plan: PlanView) -> None:
    """Link to the documents that a plan has; who gets them is asked again at each address."""
    st.caption(_("Documents of this plan, to check with any program that reads JSON:"))
    for name in SHIPMENT_DOCUMENTS:
        if name not in ABOUT_SHARES or plan.certificate is not None:
            same_tab_link(f"{_(WORDS[name])} ({name})", shipment_link(plan.shipment_id, name))
