"""An order as it is read."""

import streamlit as st

from app.components.choices import lane
from app.components.tables import Column, badge, facts, show_table
from app.formats import day, mass, money, number, percent_ppm, volume
from app.labels import CARGO_CLASSES, ORDER_STATES, STATE_COLOURS, word
from app.texts import _
from consortium.views import OrderLineView, OrderView


def centimetres(length_mm: int) -> str:
    """Return a length in centimetres, with a decimal only where it has one."""
    return number(length_mm / 10, 0 if length_mm % 10 == 0 else 1)


def _size(line: OrderLineView) -> str:
    return " × ".join(centimetres(each) for each in (line.length_mm, line.width_mm, line.height_mm)) + "\xa0cm"


def show_order(order: OrderView) -> None:
    """Show an order: what it is, where it goes, its packages."""
    badges = [badge(word(ORDER_STATES, order.state), STATE_COLOURS[order.state])]
    if order.shipment_code:
        badges.append(badge(_("Shipment {code}", code=order.shipment_code), "gray"))
    st.markdown(" ".join(map(str, badges)))
    left, right = st.columns(2)
    with left:
        facts(
            [
                (_("Member"), order.member_name),
                (_("Buyer"), order.buyer),
                (_("Lane"), lane(order.origin, order.destination)),
                (_("Ready on"), day(order.ready_date)),
                (_("Due on"), day(order.due_date)),
                (_("Incoterms rule"), " ".join(filter(None, (order.incoterm, order.named_place)))),
            ],
            alt=_("Who, where and when"),
        )
    with right:
        facts(
            [
                (_("Class of cargo"), word(CARGO_CLASSES, order.cargo_class)),
                (_("Value of the goods"), money(order.value_minor, order.currency)),
                (_("Volume"), volume(order.volume_cm3)),
                (_("Gross mass"), mass(order.mass_g)),
                (
                    _("Cost of waiting"),
                    _("{rate} of the value a day", rate=percent_ppm(order.delay_cost_ppm_per_day, 3)),
                ),
                (_("May be split"), _("yes, by whole packages") if order.divisible else _("no")),
                (_("Note"), order.note),
            ],
            alt=_("What it is"),
        )
    if order.lines:
        st.subheader(_("Packages"))
        show_table(
            order.lines,
            [
                Column(_("Line"), lambda line: line.code),
                Column(_("Description"), lambda line: line.description),
                Column(_("HS code"), lambda line: line.hs),
                Column(_("Quantity"), lambda line: number(line.quantity), numeric=True),
                Column(_("Size of one"), _size, numeric=True),
                Column(_("Mass of one"), lambda line: mass(line.mass_g), numeric=True),
                Column(_("May carry on top"), _on_top),
            ],
            alt=_("Packages of the order"),
        )


def _on_top(line: OrderLineView) -> str:
    if line.max_load_g is None:
        return _("any load")
    return _("nothing") if line.max_load_g == 0 else mass(line.max_load_g)
