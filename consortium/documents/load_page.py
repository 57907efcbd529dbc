"""The page behind a shared link: load plans as plain HTML for a phone in a warehouse and for paper.

No script, nothing fetched: pictures stand in the page as SVG, the style is one block that the policy names by its hash.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from consortium.documents.loading_sheet import loading_sheet
from consortium.documents.paper_words import PaperWords
from consortium.documents.stuffing_sheet import SheetContent
from consortium.documents.typesetting import PaperSize
from consortium.texts import Texts
from consortium.views_loads import LoadView

STYLE = """
:root { color-scheme: light dark; --page: #eff4f5; --card: #fff; --text: #16262b; --soft: #4a5f66; --line: #8299a0;
  --accent: #0b5c6b; --bad: #a01c1c; --bad-page: #fdeeee; }
@media (prefers-color-scheme: dark) { :root { --page: #10191c; --card: #1b282d; --text: #e8f0f1; --soft: #a9bcc1;
  --line: #6f878e; --accent: #7fd3e0; --bad: #ffb3b3; --bad-page: #3a2024; } }
* { box-sizing: border-box; }
html { font: 100%/1.5 "Source Sans", "Source Sans 3", system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans",
  Arial, sans-serif; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--page); color: var(--text); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; } h2 { font-size: 1.25rem; margin: 0 0 .75rem; }
h3 { font-size: 1.125rem; margin: 0; line-height: 1.3; overflow-wrap: anywhere; }
header p, .soft, dt { color: var(--soft); } header p { margin: .25rem 0 0; }
section, article { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem;
  margin: 1rem 0; }
.notice { color: var(--bad); background: var(--bad-page); border: 1px solid currentColor; border-radius: .5rem;
  padding: .6rem .75rem; margin: 1rem 0; }
dl { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: .25rem 1rem; margin: .5rem 0; }
dt, dd { margin: 0; overflow-wrap: anywhere; } dd { font-weight: 600; white-space: pre-line; }
ul { margin: .5rem 0; padding-left: 1.25rem; } nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem;
  list-style: none; padding: 0; } nav a { display: inline-block; padding: .5rem 0; color: var(--accent); }
.owners { list-style: none; padding: 0; } .owners li { display: flex; gap: .75rem; align-items: center;
  margin: .25rem 0; } .owners svg, .owner svg { flex: none; width: 2.25rem; height: 1.5rem; }
.picture { background: #fff; color: #000; border-radius: .5rem; padding: .25rem .75rem; }
.picture svg { display: block; width: 100%;
  height: auto; max-height: 26rem; overflow: visible; } svg text { font-family: inherit; }
.steps { list-style: none; margin: 0; padding: 0; } .step { display: grid; gap: .75rem; }
.head { display: flex; gap: .75rem; align-items: flex-start; }
.head > div { flex: 1 1 0; min-width: 0; } .owner { display: flex; gap: .5rem; align-items: center;
  flex-wrap: wrap; margin: .25rem 0 0; } .number { flex: none; min-width: 2.5rem; text-align: center; padding: .25rem;
  border-radius: .5rem; background: var(--text); color: var(--card); font-size: 1.25rem; font-weight: 700; }
.done { flex: none; margin-left: auto; display: flex; gap: .5rem; align-items: center; min-height: 2.75rem; }
.done input { width: 1.5rem; height: 1.5rem; accent-color: var(--accent); }
.picture + h3, ul + h3, dl + h3 { margin-top: .75rem; }
@media (max-width: 40rem) { .head { flex-wrap: wrap; } .head > div { flex-basis: calc(100% - 4rem); }
  .picture svg text { font-size: 44px; } .picture svg text[fill="#555555"] { font-size: 36px; }
  .picture[aria-hidden] svg text { font-size: 52px; } }
@media (min-width: 48rem) { .step { grid-template-columns: 3fr 2fr; } .head { grid-column: 1 / -1; } }
@media print { :root { color-scheme: light; --page: #fff; --card: #fff; --text: #000; --soft: #333; --line: #888; }
  html { font-size: 10.5pt; } body { max-width: none; padding: 0; } section, article { break-inside: avoid;
  border-radius: 0; margin: .5rem 0; } .whole { break-inside: auto; } .step { grid-template-columns: 3fr 2fr; }
  .head { grid-column: 1 / -1; } .number { background: none; color: #000; border: 2px solid #000; }
  nav { display: none; } .picture svg { max-height: 8cm; } main > div + div { break-before: page; } }
"""

_style_hash = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_style_hash}'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing but the page itself and its style."""


def load_page(
    views: Sequence[LoadView],
    texts: Texts,
    *,
    shipment: str,
    consortium: str,
    expires_at: datetime,
    time_zone: str,
    is_in_force: bool,
) -> str:
    """Return the page of a link.

    Parameters
    ----------
    views
        What the reader may know of each container.
    shipment, consortium
        What they are called.
    expires_at
        Until when the link opens, aware; told in `time_zone`.
    is_in_force
        False: another plan has replaced this one, which the page says first.
    """
    _ = texts.gettext
    local = expires_at.astimezone(ZoneInfo(time_zone))
    until = format_datetime(local, "d MMM y, HH:mm", tzinfo=ZoneInfo(time_zone), locale=texts.language)
    title = _("Load plan {code}", code=shipment)
    opens = _("This link opens until {moment} ({zone}).", moment=until, zone=time_zone)
    notice = _("This load plan has been replaced by another one. Ask for a new link before you load anything.")
    body = [
        f"<header><h1>{escape(title)}</h1><p>{escape(consortium)}</p>",
        f"<p>{escape(opens)}</p></header>",
        "" if is_in_force else f'<p class="notice" role="alert">{escape(notice)}</p>',
        _contents(views, texts) if len(views) > 1 else "",
        "<main>",
        *(_container(index, view, texts) for index, view in enumerate(views, start=1)),
        "</main>",
    ]
    return framed(texts.language, title, "\n".join(body))


def closed_page(texts: Texts) -> str:
    """Return the page of a link that opens nothing, the same whatever the reason."""
    _ = texts.gettext
    title = _("This link does not open")
    said = _("It may have expired or been revoked, or a part of it was lost. Ask whoever sent it for a new one.")
    return framed(
        texts.language, title, f"<main><section><h1>{escape(title)}</h1><p>{escape(said)}</p></section></main>"
    )


def framed(language: str, title: str, body: str) -> str:
    """Return a whole document around a body."""
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _contents(views: Iterable[LoadView], texts: Texts) -> str:
    entries = "".join(
        f'<li><a href="#c{index}">{escape(view.container_id)} · {escape(view.container_type)}</a></li>'
        for index, view in enumerate(views, start=1)
    )
    name = texts.gettext("Containers")
    return f'<nav aria-label="{escape(name)}"><ul>{entries}</ul></nav>'


def _container(index: int, view: LoadView, texts: Texts) -> str:
    _ = texts.gettext
    content = SheetContent(loading_sheet(view), PaperWords(texts)).data("", PaperSize.A4)
    words = content["words"]
    name = _("Container {id}", id=view.container_id)
    return f"""<div id="c{index}">
<section class="whole">
<h2>{escape(name)}</h2>
{_facts(content["facts"])}
<h3>{escape(words["owners"])}</h3>
<ul class="owners">{"".join(map(_owner, content["owners"]))}</ul>
<div class="picture" role="img" aria-label="{escape(content["whole_alt"])}">{content["whole"]}</div>
<h3>{escape(words["verdicts"])}</h3>
{_list(content["verdicts"])}
<h3>{escape(words["reading"])}</h3>
{_list(content["reading"])}
</section>
{_pallets(index, content)}<ol class="steps">{_steps(f"c{index}", content["steps"], words["done"])}</ol>
</div>"""


def _pallets(index: int, content: Mapping[str, Any]) -> str:
    """Return how the pallets are built, before the steps of the container; nothing where there are none."""
    words = content["words"]
    if not content["pallets"]:
        return ""
    parts = [
        f"""<section><h3>{escape(one["title"])}</h3>
<p class="owner">{one["swatch"]}<b>{escape(one["owner"])}</b></p>
{_facts(one["facts"])}
<div class="picture" role="img" aria-label="{escape(one["whole_alt"])}">{one["whole"]}</div></section>
<ol class="steps">{_steps(f"c{index}p{place}", one["steps"], words["done"])}</ol>"""
        for place, one in enumerate(content["pallets"])
    ]
    said = f"<h2>{escape(words['pallets'])}</h2><p>{escape(words['building'])}</p>"
    return f"{said}{''.join(parts)}<h2>{escape(words['loading'])}</h2>"


def _steps(place: str, steps: Iterable[Mapping[str, Any]], done: str) -> str:
    return "".join(_step(place, step, done) for step in steps)


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in pairs)}</dl>"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _owner(one: Mapping[str, str]) -> str:
    return f"<li>{one['swatch']}<span><b>{escape(one['name'])}</b><br>{escape(one['said'])}</span></li>"


def _step(container: str, step: Mapping[str, Any], done: str) -> str:
    box = f"{container}s{step['number']}"
    return f"""<li><article class="step">
<div class="head"><span class="number">{step["number"]}</span>
<div><h3>{escape(step["count"])}</h3>
<p class="owner">{step["swatch"]}<b>{escape(step["owner"])}</b> <span class="soft">{escape(step["marks"])}</span></p>
</div>
<label class="done" for="{box}"><input type="checkbox" id="{box}" autocomplete="off">{escape(done)}</label></div>
<div class="picture" role="img" aria-label="{escape(step["alt"])}">{step["picture"]}</div>
<div><div class="picture" aria-hidden="true">{step["map"]}</div>
{_facts(step["said"])}</div>
</article></li>"""
