"""The editor of an order with its lines of packages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.components.choices import cargo_classes, choose_incoterm, choose_port
from app.components.entries import (
    CM3_PER_M3,
    G_PER_KG,
    MM_PER_CM,
    PPM_PER_PERCENT,
    amount_input,
    minor_units,
    typed,
    whole,
)
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.drafts import OrderDraft
from consortium.views import MemberView, OrderLineView, OrderView, ProductView

UPRIGHT, ANY_SIDE = ("height",), ("length", "width", "height")
NUMBERS = {
    "quantity": 1,
    "length_mm": MM_PER_CM,
    "width_mm": MM_PER_CM,
    "height_mm": MM_PER_CM,
    "mass_g": G_PER_KG,
    "max_load_g": G_PER_KG,
}
"""Numeric columns of the lines -> base units per unit that is typed."""


@dataclass(frozen=True, slots=True)
class SentOrder:
    """What was sent: the code to speak of, and the draft once it is known to be sound."""

    code: str
    draft: Callable[[], OrderDraft]


def order_form(order: OrderView | None, firms: Sequence[MemberView], currency: str) -> SentOrder | None:
    """Show the editor of a new or known order; return what was sent.

    Parameters
    ----------
    order
        The order to change, or None for a new one.
    firms
        Members that a new order may belong to; empty: the acting person's own.
    currency
        Of the consortium.
    """
    name = f"order_{order.id if order else 'new'}"
    member_id = order.member_id if order else viewer().member_id
    if firms:
        names = {firm.id: f"{firm.code} · {firm.name}" for firm in firms if firm.is_active}
        member_id = st.selectbox(_("Member"), list(names), format_func=names.__getitem__, key=f"{name}_member")
    products = queries.products(viewer().actor, member_id) if member_id is not None else ()
    with st.form(name, border=False):
        read_head = _head(order, name, currency)
        st.markdown("**" + _("Packages") + "**")
        st.caption(_("One row for equal packages. Sizes and mass are of one package, measured outside."))
        lines = _lines_editor(order.lines if order else (), products, name)
        sent = st.form_submit_button(_("Save order"), type="primary", key=f"{name}_save", shortcut="Ctrl+S")
    if not sent:
        return None
    return SentOrder(
        st.session_state[f"{name}_code"],
        lambda: OrderDraft(member_id=member_id, lines=_read_lines(lines, order, products), **read_head()),
    )


def _head(order: OrderView | None, name: str, currency: str) -> Callable[[], dict[str, Any]]:
    classes = cargo_classes()
    own = order.cargo_class if order else "dry"
    one, two, three = st.columns(3)
    with one:
        code = st.text_input(_("Code"), order.code if order else "", max_chars=60, key=f"{name}_code")
        buyer = st.text_input(_("Buyer"), order.buyer if order else "", max_chars=200, key=f"{name}_buyer")
        origin = choose_port(_("Origin"), order.origin if order else None, f"{name}_origin")
        destination = choose_port(_("Destination"), order.destination if order else None, f"{name}_destination")
    with two:
        ready = st.date_input(
            _("Ready on"), order.ready_date if order else None, format="DD/MM/YYYY", key=f"{name}_ready"
        )
        due = st.date_input(_("Due on"), order.due_date if order else None, format="DD/MM/YYYY", key=f"{name}_due")
        rule = choose_incoterm(order.incoterm if order else None, f"{name}_incoterm")
        place = st.text_input(_("Named place"), order.named_place if order else "", key=f"{name}_place")
    with three:
        value = amount_input(_("Value of the goods"), order.value_minor if order else 0, currency, f"{name}_value")
        waiting = st.number_input(
            _("Cost of waiting (% of the value a day)"),
            min_value=0.0,
            value=typed(order.delay_cost_ppm_per_day if order else 0, PPM_PER_PERCENT),
            step=0.01,
            format="%.4f",
            help=_("What a day between ready and sailing costs you: money tied up, freshness, a season that ends."),
            key=f"{name}_waiting",
        )
        options = list(classes) if own in classes else [*classes, own]
        kind = st.selectbox(
            _("Class of cargo"),
            options,
            index=options.index(own),
            format_func=lambda each: classes.get(each, each),
            key=f"{name}_class",
        )
        divisible = st.checkbox(_("May be split"), order.divisible if order else False, key=f"{name}_divisible")
    with st.expander(_("Totals for goods without packages, and a note")):
        bulk = order is not None and not order.lines
        volume = st.number_input(
            _("Volume (m³)"),
            min_value=0.0,
            value=typed(order.volume_cm3 if order and bulk else None, CM3_PER_M3),
            format="%.3f",
            key=f"{name}_volume",
        )
        mass = st.number_input(
            _("Gross mass (kg)"),
            min_value=0.0,
            value=typed(order.mass_g if order and bulk else None, G_PER_KG),
            format="%.3f",
            key=f"{name}_mass",
        )
        note = st.text_area(_("Note"), order.note if order else "", max_chars=1000, key=f"{name}_note")
    return lambda: {
        "code": code,
        "buyer": buyer,
        "origin": origin or "",
        "destination": destination or "",
        "ready_date": ready,
        "due_date": due,
        "cargo_class": kind,
        "incoterm": rule,
        "named_place": place,
        "value_minor": minor_units(value, currency, "value_minor"),
        "delay_cost_ppm_per_day": whole(waiting, PPM_PER_PERCENT, "delay_cost_ppm_per_day"),
        "divisible": divisible,
        "volume_cm3": whole(volume, CM3_PER_M3, "volume_cm3"),
        "mass_g": whole(mass, G_PER_KG, "mass_g"),
        "note": note,
    }


def _lines_editor(lines: Sequence[OrderLineView], products: Sequence[ProductView], name: str) -> pd.DataFrame:
    codes = {product.id: product.code for product in products}
    rows = pd.DataFrame(
        [
            {
                "code": line.code,
                "product": codes.get(line.product_id),
                "description": line.description,
                "hs": line.hs,
                **{column: typed(getattr(line, column), factor) for column, factor in NUMBERS.items()},
                "upright": line.vertical == UPRIGHT,
            }
            for line in lines
        ],
        columns=["code", "product", "description", "hs", *NUMBERS, "upright"],
    ).astype({"code": "string", "product": "string", "description": "string", "hs": "string", "upright": "boolean"})
    rows = rows.astype(dict.fromkeys(NUMBERS, "float64"))
    column = st.column_config
    return st.data_editor(
        rows,
        num_rows="dynamic",
        hide_index=True,
        key=f"{name}_lines",
        alt=_("Packages of the order"),
        column_config={
            "code": column.TextColumn(_("Line"), max_chars=60, width=90),
            "product": column.SelectboxColumn(_("Product"), options=list(codes.values())) if products else None,
            "description": column.TextColumn(_("Description"), max_chars=300, width="medium"),
            "hs": column.TextColumn(_("HS code"), max_chars=20, width=120),
            "quantity": column.NumberColumn(_("Quantity"), min_value=1, step=1, format="%d", width=110),
            "length_mm": column.NumberColumn(_("Length (cm)"), min_value=0.1, step=0.1),
            "width_mm": column.NumberColumn(_("Width (cm)"), min_value=0.1, step=0.1),
            "height_mm": column.NumberColumn(_("Height (cm)"), min_value=0.1, step=0.1),
            "mass_g": column.NumberColumn(_("Gross mass (kg)"), min_value=0.001, step=0.001),
            "max_load_g": column.NumberColumn(
                _("May carry on top (kg)"), min_value=0, step=0.001, help=_("Empty: no limit. 0: nothing on top.")
            ),
            "upright": column.CheckboxColumn(_("This side up"), default=True, width=130),
        },
    )


def _read_lines(
    rows: pd.DataFrame, order: OrderView | None, products: Sequence[ProductView]
) -> tuple[dict[str, Any], ...]:
    known = {line.code: line for line in order.lines} if order else {}
    ids = {product.code: product.id for product in products}
    return tuple(_read_line(row, f"lines[{index}]", known, ids) for index, row in enumerate(rows.to_dict("records")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _read_line(row: dict[Any, Any], path: str, known: dict[str, OrderLineView], ids: dict[str, int]) -> dict[str, Any]:
    code = _text(row["code"])
    before = known.get(code)
    upright = row["upright"] is not False
    kept = before.vertical if before and (before.vertical == UPRIGHT) == upright else None
    return {
        "code": code,
        "product_id": ids.get(_text(row["product"])),
        "description": _text(row["description"]),
        "hs": _text(row["hs"]),
        "vertical": kept or (UPRIGHT if upright else ANY_SIDE),
        **{name: whole(row[name], factor, f"{path}.{name}") for name, factor in NUMBERS.items()},
    }
