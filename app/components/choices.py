"""Choices from the reference data, each with its name in the reader's language."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.labels import ALLOCATION_KEYS, CARGO_CLASSES, RULES, word
from app.texts import _, current_language
from consortium import reference_data
from consortium.drafts import ALLOCATION_RULES


def _index(options: Sequence[str], value: str | None) -> int | None:
    return list(options).index(value) if value in options else None


def choose_port(label: str, value: str | None, key: str) -> str | None:
    """Let a port be chosen by code or name."""
    ports = reference_data.ports()
    return st.selectbox(
        label,
        list(ports),
        index=_index(list(ports), value),
        format_func=lambda code: f"{code} · {ports[code].name}",
        placeholder=_("Choose a port"),
        key=key,
    )


def port_name(code: str) -> str:
    """Return a port's name, or its code when it is not in the reference data."""
    known = reference_data.ports().get(code)
    return known.name if known else code


def lane(origin: str, destination: str) -> str:
    """Return a lane by the names of its ports."""
    return f"{port_name(origin)} → {port_name(destination)}"


def choose_incoterm(value: str | None, key: str) -> str | None:
    """Let an Incoterms rule be chosen, or none."""
    rules = reference_data.incoterms()
    names = {code: f"{code} · {each.names.in_language(current_language())}" for code, each in rules.items()}
    return st.selectbox(
        _("Incoterms rule"),
        list(rules),
        index=_index(list(rules), value),
        format_func=names.__getitem__,
        placeholder=_("None agreed"),
        help=_("Decides which charges you pay and which your buyer pays."),
        key=key,
    )


def choose_country(value: str | None, key: str) -> str | None:
    """Let a country be chosen."""
    countries = reference_data.countries()
    names = {code: each.names.in_language(current_language()) for code, each in countries.items()}
    return st.selectbox(
        _("Country"),
        sorted(names, key=names.__getitem__),
        index=_index(sorted(names, key=names.__getitem__), value),
        format_func=names.__getitem__,
        placeholder=_("Choose a country"),
        key=key,
    )


def choose_currency(value: str | None, key: str) -> str | None:
    """Let a currency be chosen."""
    known = reference_data.currencies()
    names = {code: f"{code} · {each.names.in_language(current_language())}" for code, each in known.items()}
    return st.selectbox(
        _("Currency"),
        list(known),
        index=_index(list(known), value),
        format_func=names.__getitem__,
        placeholder=_("Choose a currency"),
        key=key,
    )


def container_names() -> dict[str, str]:
    """Return the container types by code with their names."""
    return {
        code: f"{each.names.in_language(current_language())} ({code})"
        for code, each in reference_data.reference_containers().items()
    }


def choose_many(label: str, options: Mapping[str, str], chosen: Sequence[str], key: str, help_: str = "") -> list[str]:
    """Let several options be chosen; nothing chosen means all."""
    return st.multiselect(
        label,
        list(options),
        default=[each for each in chosen if each in options],
        format_func=lambda code: options.get(code, code),
        placeholder=_("All"),
        help=help_ or None,
        key=key,
    )


def choose_rule(value: str, key: str) -> str:
    """Let the rule that shares the cost be chosen."""
    options = [*ALLOCATION_RULES, *([value] if value not in ALLOCATION_RULES else [])]
    names = {rule: word(RULES, rule) for rule in options}
    return st.selectbox(
        _("Rule for sharing the cost"),
        options,
        index=options.index(value),
        format_func=names.__getitem__,
        key=key,
    )


def cargo_classes() -> dict[str, str]:
    """Return the classes of cargo that the container types on offer can take."""
    codes = {each for kind in reference_data.reference_containers().values() for each in kind.cargo_classes}
    return {code: word(CARGO_CLASSES, code) for code in sorted(codes | {"dry"})}


def allocation_keys() -> dict[str, str]:
    """Return the keys by which a charge may be shared."""
    return {code: word(ALLOCATION_KEYS, code) for code in ALLOCATION_KEYS}
