"""Certificates of members' shares, to take away: each member's part as a paper and as data."""

from collections.abc import Sequence

import streamlit as st

from app.components.links import same_tab_link
from app.downloads import member_certificate_link
from app.formats import plain
from app.texts import _, mark
from consortium.views_plans import CostShareView

WORDS = {
    "certificate.pdf": mark("Certificate of the share, to print"),
    "certificate.json": mark("The same as data, to check with consortium verify"),
}


def show_share_certificates(shipment_id: int, shares: Sequence[CostShareView], *, named: bool) -> None:
    """Link to the certificate of each share; who gets it is asked again at each address.

    Parameters
    ----------
    named
        Whether each member's name stands above its links.
    """
    if not shares:
        return
    with st.expander(_("Cost-share certificate"), icon=":material/verified_user:"):
        st.caption(
            _(
                "What this share is made of, what the goods would cost alone and what is proven, "
                "without any figure of another member."
            )
        )
        for share in shares:
            if named:
                st.markdown(f"**{plain(share.member_name)}**")
            for name, words in WORDS.items():
                same_tab_link(f"{_(words)} ({name})", member_certificate_link(shipment_id, share.member_id, name))
