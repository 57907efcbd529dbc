"""Sentences in Spanish, Portuguese and English: the English sentence in the code is the key.

Catalogues are the ``consortium.po`` files under ``locale``; they are compiled in memory when first used, so
that there is no build step and nothing to go stale.
"""

import gettext
import io
import os
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Protocol

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("es", "pt", "en")
"""Languages of the product, in the order in which they are offered."""

DOMAIN = "consortium"


class Say(Protocol):
    """Return a sentence in one language with its ``{name}`` places filled in."""

    def __call__(self, message: str, /, **values: object) -> str:
        """Return the sentence."""


class Texts:
    """The sentences of one language."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def gettext(self, message: str, /, **values: object) -> str:
        """Return the sentence; its ``{name}`` places are filled in when values are given."""
        text = self._catalogue.gettext(message) if message else ""
        return text.format(**values) if values else text

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the singular or plural sentence for a number; ``{number}`` is filled in."""
        return self._catalogue.ngettext(one, many, number).format(number=number, **values)


def mark(message: str) -> str:
    """Return a sentence as it is: marks a literal in a table as a key that is looked up later."""
    return message


@lru_cache(maxsize=len(LANGUAGES))
def translate(language: str) -> Texts:
    """Return the sentences of a language.

    Parameters
    ----------
    language
        One of `LANGUAGES`.

    Raises
    ------
    KeyError
        When the language is another one.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    source = files("consortium") / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not source.is_file():
        return Texts(language, gettext.NullTranslations())
    compiled = io.BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language))
    compiled.seek(0)
    return Texts(language, gettext.GNUTranslations(compiled))


@lru_cache(maxsize=64)
def locale_of(language: str, country: str = "") -> Locale:
    """Return the locale of a language as written in a country, or of the language alone.

    Peru writes 1,234.5 and Colombia 1.234,5: both in Spanish.
    """
    try:
        return Locale.parse(f"{language}_{country}" if country else language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(language)


def language_of_environment(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language that the environment asks for; English when it asks for none of ours."""
    for name in ("CONSORTIUM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        found = environment.get(name, "")[:2].lower()
        if found in LANGUAGES:
            return found
        if environment.get(name):
            break
    return "en"
