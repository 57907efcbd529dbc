"""The form of a product with the package it travels in."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.components.choices import cargo_classes
from app.components.entries import G_PER_KG, MM_PER_CM, typed, whole
from app.components.order_form import ANY_SIDE, UPRIGHT
from app.texts import _
from consortium.drafts import ProductDraft
from consortium.views import ProductView


@dataclass(frozen=True, slots=True)
class SentProduct:
    """What was sent: the code to speak of, and the draft once it is known to be sound."""

    code: str
    draft: Callable[[], ProductDraft]


def product_form(product: ProductView | None) -> SentProduct | None:
    """Show the fields of a new or known product; return what was sent."""
    name = f"product_{product.id if product else 'new'}"
    classes = cargo_classes()
    own = product.cargo_class if product else "dry"
    options = list(classes) if own in classes else [*classes, own]
    labels = {code: classes.get(code, code) for code in options}
    with st.form(name, border=False):
        one, two = st.columns(2)
        with one:
            code = st.text_input(_("Code"), product.code if product else "", max_chars=60, key=f"{name}_code")
            full = st.text_input(_("Name"), product.name if product else "", max_chars=200, key=f"{name}_name")
            hs = st.text_input(_("HS code"), product.hs if product else "", max_chars=20, key=f"{name}_hs")
            kind = st.selectbox(
                _("Class of cargo"),
                options,
                index=options.index(own),
                format_func=labels.__getitem__,
                key=f"{name}_class",
            )
        with two:
            sizes = {
                field: st.number_input(
                    label,
                    min_value=0.0,
                    value=typed(getattr(product, field), factor) if product else None,
                    format=shown,
                    key=f"{name}_{field}",
                )
                for field, label, factor, shown in (
                    ("package_length_mm", _("Length (cm)"), MM_PER_CM, "%.1f"),
                    ("package_width_mm", _("Width (cm)"), MM_PER_CM, "%.1f"),
                    ("package_height_mm", _("Height (cm)"), MM_PER_CM, "%.1f"),
                    ("package_mass_g", _("Gross mass (kg)"), G_PER_KG, "%.3f"),
                    ("max_load_g", _("May carry on top (kg)"), G_PER_KG, "%.3f"),
                )
            }
            upright = st.checkbox(
                _("This side up"), product is None or product.vertical == UPRIGHT, key=f"{name}_upright"
            )
        if not st.form_submit_button(_("Save product"), type="primary", key=f"{name}_save"):
            return None
    factors = dict.fromkeys(sizes, MM_PER_CM) | {"package_mass_g": G_PER_KG, "max_load_g": G_PER_KG}
    kept = product.vertical if product and (product.vertical == UPRIGHT) == upright else None
    return SentProduct(
        code,
        lambda: ProductDraft(
            code=code,
            name=full,
            hs=hs,
            cargo_class=kind,
            vertical=kept or (UPRIGHT if upright else ANY_SIDE),
            **{field: whole(value, factors[field], field) for field, value in sizes.items()},
        ),
    )
