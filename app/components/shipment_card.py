"""A pooled shipment in a few lines, with the way in."""

import streamlit as st

from app.components.tables import badge
from app.formats import mass, moment, plain, volume
from app.labels import SHIPMENT_STATES, STATE_COLOURS, word
from app.texts import _, plural
from consortium.views import ShipmentView


def shipment_card(shipment: ShipmentView) -> None:
    """Show a pooled shipment: state, cut-off, what is in it, and a link to it."""
    with st.container(border=True):
        state = badge(word(SHIPMENT_STATES, shipment.state), STATE_COLOURS[shipment.state])
        st.markdown(f"**{plain(shipment.code)}** {state}  \n{plain(shipment.title)}")
        st.caption(contents_line(shipment) + "  \n" + _("Cut-off {moment}", moment=moment(shipment.cut_off_at)))
        st.page_link(
            "app_pages/shipment.py",
            label=_("Open {code}", code=plain(shipment.code)),
            icon=":material/arrow_forward:",
            query_params={"shipment": str(shipment.id)},
        )


def contents_line(shipment: ShipmentView) -> str:
    """Say what is gathered, as far as the reader may know."""
    held, totals = len(shipment.consignments), shipment.totals
    if totals is None or totals.firms is None:
        own = plural("{number} order of yours", "{number} orders of yours", held) if held else _("nothing of yours yet")
        sizes = (volume(totals.volume_cm3), mass(totals.mass_g)) if totals else ()
        return " · ".join([own, *([_("in all {list}", list=", ".join(sizes))] if sizes else [])])
    consignments = plural("{number} consignment", "{number} consignments", held)
    firms = plural("{number} firm", "{number} firms", totals.firms)
    return " · ".join([consignments, firms, volume(totals.volume_cm3), mass(totals.mass_g)])
