"""How a page about one pooled shipment begins: which one, in which consortium, and the way back to it."""

import streamlit as st

from app.components.states import empty_state
from app.formats import plain
from app.layout import Viewer, follow, number_of
from app.texts import _
from consortium import queries
from consortium.views import ShipmentView


def open_shipment(who: Viewer) -> ShipmentView:
    """Return the shipment that the address names and follow it to its consortium; without one the page ends here."""
    shipment_id = number_of("shipment")
    if shipment_id is None:
        empty_state(_("No shipment chosen"), _("Choose one in the list of pooled shipments."))
        st.stop()
    shipment = queries.shipment(who.actor, shipment_id)
    follow(who, shipment.consortium_id)
    return shipment


def back_to_shipment(shipment: ShipmentView) -> None:
    """Link back to the page of a shipment."""
    st.page_link(
        "app_pages/shipment.py",
        label=_("Back to {code}", code=plain(shipment.title or shipment.code)),
        icon=":material/arrow_back:",
        query_params={"shipment": str(shipment.id)},
    )
