"""The charges of a tariff as they are read."""

from app.components.choices import port_name
from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.formats import mass, money, number, percent_ppm
from app.labels import ALLOCATION_KEYS, BASES, CARGO_CLASSES, MODES, STAGES, word
from app.texts import _
from consortium.views import ChargeView, TariffView


def show_charges(tariff: TariffView) -> None:
    """Show what is charged, for what, and who pays it."""
    if not tariff.charges:
        empty_state(_("No charges yet"), _("A tariff without charges costs nothing, and plans made with it say so."))
    show_table(
        tariff.charges,
        [
            Column(_("Code"), lambda each: each.code),
            Column(_("Description"), lambda each: each.description),
            Column(_("Price"), lambda each: _price(each, tariff.currency)),
            Column(_("Only for"), _filters),
            Column(_("Stage"), lambda each: word(STAGES, each.incoterm_stage) if each.incoterm_stage else ""),
            Column(_("Shared"), lambda each: word(ALLOCATION_KEYS, each.allocation_key)),
        ],
        alt=_("Charges of the tariff"),
        key="charges_table",
    )


def _price(charge: ChargeView, currency: str) -> str:
    if charge.basis == "value":
        price = percent_ppm(charge.rate_ppm, 3)
    elif charge.steps:
        price = "; ".join(
            _("from {units}: {price}", units=number(start), price=money(amount, currency))
            for start, amount in charge.steps
        )
    else:
        price = money(charge.amount_minor, currency)
    parts = [f"{price} {word(BASES, charge.basis)}"]
    if charge.minimum_minor:
        parts.append(_("at least {price}", price=money(charge.minimum_minor, currency)))
    if charge.maximum_minor is not None:
        parts.append(_("at most {price}", price=money(charge.maximum_minor, currency)))
    if charge.gross_mass_over_g is not None:
        parts.append(_("above {mass} gross", mass=mass(charge.gross_mass_over_g)))
    return ", ".join(parts)


def _filters(charge: ChargeView) -> str:
    words = {
        "modes": lambda code: word(MODES, code),
        "cargo_classes": lambda code: word(CARGO_CLASSES, code),
        "origins": port_name,
        "destinations": port_name,
    }
    return "; ".join(
        ", ".join(words.get(name, str)(code) for code in codes) for name, codes in charge.filters.items() if codes
    )
