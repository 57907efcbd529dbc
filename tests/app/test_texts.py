"""Every sentence of the pages exists in every language, is used, and no literal escapes translation."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from app.texts import DOMAINS, LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
SOURCES = sorted(APP.rglob("*.py"))
LOOKUPS = {"_", "mark"}

SHOWN_KEYWORDS = {
    "label", "body", "help", "placeholder", "title", "alt", "text", "caption", "delta", "page_title", "ticktext",
    "delta_description", "heading", "advice", "name",
}  # fmt: skip
"""Keywords whose value somebody reads."""

NOT_SHOWN = {"key", "type", "icon", "page_icon", "width", "url_path", "layout", "border", "bind", "format"}
A_SENTENCE = re.compile(r"[A-Za-zÀ-ÿ]{2,} [A-Za-zÀ-ÿ]{2,}")


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keys_in_use() -> dict[str, str]:
    """Return key -> where it stands, for every `_`, `mark` and `plural` with a literal."""
    found: dict[str, str] = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            taken = node.args[:1] if called(node) in LOOKUPS else node.args[:2] if called(node) == "plural" else []
            for argument in taken:
                if (text := literal(argument)) is not None:
                    found[text] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def po(language: str) -> Catalog:
    path = ROOT / "consortium" / "locale" / language / "LC_MESSAGES" / "app.po"
    with path.open("rb") as lines:
        return read_po(lines, locale=language)


def sentences(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return every id (singular and plural alike) -> its translations."""
    table: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            said = message.string if isinstance(message.string, tuple) else (message.string,)
            table.update(dict.fromkeys(ids, said))
    return table


def holes(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_in_use_is_in_the_catalogue_of_each_language(language):
    known = sentences(po(language))
    missing = {key: place for key, place in keys_in_use().items() if not all(known.get(key, ("",)))}
    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_keeps_a_sentence_that_nothing_uses(language):
    assert set(sentences(po(language))) - set(keys_in_use()) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_holes_to_fill_as_the_key(language):
    wrong = [
        (key, text)
        for key, said in sentences(po(language)).items()
        for text in said
        if holes(text) - {"number"} != holes(key) - {"number"}
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["es", "pt"])
def test_few_sentences_are_the_same_as_in_english(language):
    same = [key for key, said in sentences(po(language)).items() if key in said and " " in key]
    assert same == []


def untranslated(path: Path, tree: ast.Module) -> list[str]:
    """Return the places where a literal that somebody would read is not looked up."""
    inside_lookup: set[int] = set()
    docstrings: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (called(node) in {*LOOKUPS, "plural"} or called(node) in SILENT_CALLS):
            inside_lookup.update(id(each) for argument in node.args for each in ast.walk(argument))
        if isinstance(node, ast.Expr) and literal(node.value) is not None:
            docstrings.add(id(node.value))
        if isinstance(node, ast.Assert) and node.msg is not None:
            docstrings.add(id(node.msg))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_shown(node):
            for position, argument in enumerate(node.args):
                found += [one for one in words_in(argument) if position == 0 and id(one) not in inside_lookup]
            for keyword in node.keywords:
                if keyword.arg in SHOWN_KEYWORDS:
                    found += [one for one in words_in(keyword.value) if id(one) not in inside_lookup]
        text = literal(node)
        if text and A_SENTENCE.search(text) and id(node) not in inside_lookup | docstrings:
            found.append(node)
    return sorted({f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}" for node in found})


SILENT_CALLS = {"exception", "getLogger", "ValueError", "compile", "Fault"}
"""Calls whose words go to a log or to a developer, or are codes that `fault_lines` puts into words."""

MARKUP = re.compile(r":material/\w+:|:\w+-badge|%[{(]\w+[)}]\w?|<[^>]+>")


def is_shown(node: ast.Call) -> bool:
    """Say whether a call puts its first argument in front of somebody."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in {"st", "go", "figure"} and called(node) not in NOT_FOR_READING


NOT_FOR_READING = {
    "Page", "switch_page", "page_link", "fragment", "set_page_config", "columns", "get", "add_bar", "add_scatter",
    "form", "grid", "html",
}  # fmt: skip


def words_in(node: ast.AST) -> list[ast.Constant]:
    """Return the literal parts of a shown value that hold a word."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return [part for part in parts if (text := literal(part)) and re.search(r"[A-Za-zÀ-ÿ]{2,}", MARKUP.sub("", text))]


WITHOUT_SENTENCES_OF_PAGES = {
    "main.py": "speaks to whoever starts the server",
    "settings.py": "speaks to whoever starts the server",
    "worker_process.py": "speaks to the log",
    "gate.py": "answers programs, in the words of HTTP",
    "downloads.py": "answers programs, in the words of HTTP",
    "guesses.py": "says nothing",
    "load_plan_pictures.py": "draws; its words are given to it",
    "index_page.py": "dresses Streamlit's page; its words are in assets/words.js",
    "signin.py": "answers programs, in the words of HTTP",
    "signin_page.py": "has its own table of the three languages, outside Streamlit",
}
"""Files without sentences of pages, and why."""


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name not in WITHOUT_SENTENCES_OF_PAGES], ids=lambda p: p.name
)
def test_no_literal_that_somebody_reads_escapes_translation(path):
    assert untranslated(path, ast.parse(path.read_text(encoding="utf-8"))) == []


def test_the_search_for_literals_finds_a_planted_one():
    planted = ast.parse('st.button("Save now")\nst.metric(_("Cost"), 3, help="what it costs")\nst.text_input("Name")')
    assert len(untranslated(APP / "planted.py", planted)) == 3


def test_an_unknown_sentence_comes_back_as_it_is():
    assert catalogue("es").gettext("never heard of") == "never heard of"
    assert DOMAINS[0] == "app"
