"""Products of a member, each with the package it travels in."""

import streamlit as st

from app.components.order_view import centimetres
from app.components.product_form import product_form
from app.components.states import attempt, empty_state
from app.components.tables import Column, show_table
from app.formats import mass
from app.labels import CARGO_CLASSES, word
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import orders

who = viewer()
st.title(_("Products"))
member_id = who.member_id
if who.may(Action.SEE_MEMBERS):
    names = {firm.id: f"{firm.code} · {firm.name}" for firm in queries.members(who.actor, who.here.id)}
    if not names:
        empty_state(_("No members yet"), _("Register a member first: a product belongs to one."))
        st.stop()
    member_id = st.selectbox(_("Member"), list(names), format_func=names.__getitem__, key="products_of")
rows = queries.products(who.actor, member_id)
show_table(
    rows,
    [
        Column(_("Code"), lambda each: each.code),
        Column(_("Name"), lambda each: each.name),
        Column(_("HS code"), lambda each: each.hs),
        Column(_("Class of cargo"), lambda each: word(CARGO_CLASSES, each.cargo_class)),
        Column(
            _("Package"),
            lambda each: (
                " × ".join(
                    centimetres(size)
                    for size in (each.package_length_mm, each.package_width_mm, each.package_height_mm)
                )
                + "\xa0cm"
            ),
            numeric=True,
        ),
        Column(
            _("Gross mass"), lambda each: mass(each.package_mass_g), numeric=True, sort=lambda each: each.package_mass_g
        ),
    ],
    alt=_("Products with the package they travel in"),
    key="products_table",
)
if not rows:
    empty_state(
        _("No products yet"), _("A product keeps the package it travels in, so that orders need not repeat it.")
    )
if who.may(Action.ENTER_ORDERS):
    with st.expander(_("Register a product"), icon=":material/add:", expanded=not rows):
        if sent := product_form(None):
            with attempt(_("Product {code} was registered.", code=sent.code)):
                orders.register_product(who.actor, member_id, sent.draft())
    if rows:
        with st.expander(_("Change a product"), icon=":material/edit:"):
            known = {each.id: each for each in rows}
            labels = {each.id: f"{each.code} · {each.name}" for each in rows}
            chosen = known[
                st.selectbox(_("Product"), list(known), format_func=labels.__getitem__, key="product_chosen")
            ]
            if sent := product_form(chosen):
                with attempt(_("Product {code} was changed.", code=sent.code)):
                    orders.change_product(who.actor, chosen.id, sent.draft())
