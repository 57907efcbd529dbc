"""By which rule costs are shared, in words: the pool, the classes shared otherwise, the decision behind it."""

from collections.abc import Mapping

import streamlit as st

from app.components.tables import Column, show_table
from app.formats import day, moment, plain
from app.labels import ALLOCATION_KEYS, CHARGE_CLASSES, RULES, word
from app.texts import _, mark
from consortium import queries
from consortium.drafts_rules import EVENT_CLASSES
from consortium.permissions import Actor
from consortium.views_rules import RuleVersionView, ShipmentRuleView

OWN_WORDS = {
    ("delay", "direct"): mark("Each bears its own"),
    ("delay", "optimised"): mark("By the rule of the shipment"),
}
"""Class and key -> words, where the usual ones would not fit."""


def key_words(charge_class: str, key: str) -> str:
    """Say by what a class of charges is shared; no key: as nobody decided otherwise."""
    if not key:
        usual = {"delay": "optimised", **dict.fromkeys(EVENT_CLASSES, "direct")}.get(charge_class, "")
        return key_words(charge_class, usual) if usual else _("As the tariff says of each charge")
    own = OWN_WORDS.get((charge_class, key))
    return _(own) if own else word(ALLOCATION_KEYS, key)


def show_terms(keys: Mapping[str, str]) -> None:
    """Show by what each class of charges is shared."""
    show_table(
        list(CHARGE_CLASSES),
        [
            Column(_("Class of charges"), lambda name: word(CHARGE_CLASSES, name)),
            Column(_("Shared"), lambda name: key_words(name, keys.get(name, ""))),
        ],
        alt=_("By what each class of charges is shared"),
    )


def votes_words(version: RuleVersionView) -> str:
    """Return the votes of a decision, empty where none were counted."""
    if version.votes_for is None:
        return ""
    return _(
        "{yes} for, {no} against, {none} abstained",
        yes=version.votes_for,
        no=version.votes_against or 0,
        none=version.abstentions or 0,
    )


def show_rule_of(actor: Actor, shipment_id: int) -> None:
    """Say by which decision a shipment is shared, and whether it came after the prices were known."""
    rule = queries.shipment_rule(actor, shipment_id)
    st.caption(rule_sentence(rule))
    if rule.is_late:
        st.warning(late_sentence(rule), icon=":material/history:")


def rule_sentence(rule: ShipmentRuleView) -> str:
    """Return one sentence on the rule of a shipment and the decision behind it."""
    name = plain(word(RULES, rule.rule))
    if rule.number is None:
        return _("Shared by: {rule}. The members have recorded no decision on it.", rule=name)
    values = {"rule": name, "number": rule.number, "day": day(rule.decided_on)}
    if rule.is_locked:
        return _("Shared by: {rule}. Decision {number} of {day}; it can no longer change for this shipment.", **values)
    return _("Will be shared by: {rule}. Decision {number} of {day}.", **values)


def late_sentence(rule: ShipmentRuleView) -> str:
    """Say that a decision came too late to be blind to its outcome."""
    return _(
        "The decision was recorded {recorded}, after a plan of {known} had shown what each would pay.",
        recorded=moment(rule.recorded_at),
        known=moment(rule.prices_known_at),
    )
