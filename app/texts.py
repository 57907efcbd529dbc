"""Every sentence that the pages say, in the language of the person who reads it.

The English sentence is the key. Catalogues are the ``app.po`` files under ``consortium/locale``; they
are compiled in memory when first read, so there is no build step and nothing to go stale. The language
is looked up at each call, because one process serves people of several languages at once.
"""

import gettext
import io
from functools import lru_cache
from importlib.resources import files

import streamlit as st
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"es": "Español", "pt": "Português", "en": "English"}
"""Language code -> its own name, in the order of the chooser."""

DEFAULT_LANGUAGE = "es"
DOMAINS = ("app", "consortium")
"""Catalogues that a lookup tries, in this order."""

LANGUAGE_KEY = "language"
"""Where the frame leaves the reader's language in the session."""


def _one_catalogue(domain: str, language: str) -> gettext.NullTranslations:
    source = files("consortium") / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    if not source.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language: the pages' own sentences, then those of the domain."""
    first, *rest = (_one_catalogue(domain, language) for domain in DOMAINS)
    for fallback in rest:
        first.add_fallback(fallback)
    return first


def current_language() -> str:
    """Return the language of the person whose page is being made."""
    language = st.session_state.get(LANGUAGE_KEY, DEFAULT_LANGUAGE)
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def _(message: str, **values: object) -> str:
    """Return a sentence in the reader's language with its values filled in.

    Parameters
    ----------
    message
        The English sentence, a literal: it is the key of the catalogue.
    values
        What replaces ``{name}`` in the sentence.
    """
    text = catalogue(current_language()).gettext(message)
    return text.format(**values) if values else text


def plural(one: str, many: str, number: int, **values: object) -> str:
    """Return the singular or plural sentence for a number; ``{number}`` is filled in."""
    text = catalogue(current_language()).ngettext(one, many, number)
    return text.format(number=number, **values)


def mark(message: str) -> str:
    """Return a sentence as it is: marks a literal in a table as a key that is looked up later."""
    return message
