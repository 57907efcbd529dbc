"""What a page says of a load plan: blocks, balance and the judge's findings, in plain words."""

from html import escape

from app.components.choices import container_names
from app.formats import day, mass, percent, plain, reader_locale
from app.texts import _, current_language, mark, plural
from consortium.documents.loading_sheet import LoadingSheet, Step, ToldStep
from consortium.documents.paper_words import PaperWords
from consortium.texts import translate
from consortium.views_loads import LoadChoice, LoadView

BALANCES = {
    "good": mark("Within 5 % of the middle, along and across, and in the lower half: as the CTU Code asks as a rule."),
    "acceptable": mark("Between 5 % and 10 % away from the middle: the CTU Code accepts this in special cases only."),
    "outside": mark(
        "More than 10 % away from the middle, or in the upper half: outside the CTU Code. Load it differently, or ask "
        "the carrier first."
    ),
}
BALANCE_BADGES = {
    "good": (mark("Balanced"), "green"),
    "acceptable": (mark("Barely balanced"), "orange"),
    "outside": (mark("Not balanced"), "red"),
}
BROKEN_RULES = {
    "placed_packages": mark("What is placed is not what travels in this container."),
    "support_policy": mark("The load rests on less support than was asked for."),
    "placed_size": mark("A package does not stand as it may."),
    "placed_door": mark("A package does not pass the door as it stands."),
    "placed_inside": mark("A package reaches outside the space for cargo."),
    "placed_overlap": mark("Two packages are in the same place."),
    "placed_support": mark("A package rests on too little."),
    "placed_load": mark("A package bears more than it may."),
    "placed_line_load": mark("The floor bears more than it may on one metre."),
    "placed_steps": mark("The steps are not counted from 1 on without gaps."),
    "placed_step": mark("Something loaded earlier is in the way of a package."),
    "placed_stop": mark("Something unloaded later is in the way of a package."),
    "placed_owner": mark("Two members' goods are not in slices of their own."),
}
"""Rule of the judge -> what it means that it is broken."""


def paper_words() -> PaperWords:
    """Return the words of the papers in the reader's language, with numbers as the reader's country writes them."""
    return PaperWords(translate(current_language()), place=str(reader_locale()))


def choice_name(one: LoadChoice) -> str:
    """Return what a container is called in a list."""
    kind = container_names().get(one.container_type, one.container_type)
    return f"{one.container_id} · {kind} · {day(one.departs)}"


def broken_rules(view: LoadView) -> list[str]:
    """Return one sentence for each rule that the judge found broken, with its findings where they are told."""
    lines: dict[str, list[str]] = {}
    for one in view.verdict:
        found = f"{one.subject}: {one.claimed} / {one.found}" if one.subject else ""
        lines.setdefault(one.rule, []).extend([found] if found else [])
    return [
        " ".join([_(BROKEN_RULES[rule]) if rule in BROKEN_RULES else rule, *(f"({plain(one)})" for one in found)])
        for rule, found in lines.items()
    ]


def place_of(told: ToldStep, view: LoadView, words: PaperWords) -> str:
    """Say where a block stands: along, across, how high."""
    return "; ".join((words.along(told.step), words.across(told.step, view), words.height(told)))


def step_contents(told: ToldStep, words: PaperWords, *, with_owner: bool) -> str:
    """Say what one step loads: how many of what, how arranged, how heavy, and whose."""
    owner = f" {told.step.one.owner.label.rstrip('.')}." if with_owner else ""  # "S.A.S." ends a sentence by itself
    return f"{words.count(told.step)}: {words.arranged(told.step)}. {words.mass(told)}.{owner}"


def block_sentence(told: ToldStep, view: LoadView, words: PaperWords) -> str:
    """Say what one step loads, how arranged and where, as Markdown."""
    what = f"**{_('Step {number}', number=told.number)}: {plain(words.count(told.step))}**"
    said = f"{words.arranged(told.step)}. {place_of(told, view, words)}."
    return f"{what} ({plain(told.step.one.owner.label)}) · {plain(said)}"


def hover_words(step: Step, number: str, words: PaperWords) -> str:
    """Say what a block is to who points at it; of another firm's, only its size."""
    one = step.one
    size = " × ".join(words.cm(length) for length in (one.dx_mm, one.dy_mm, one.dz_mm)) + " cm"
    if not number:
        return f"{escape(_('Other firms'))}<br>{len(step.places)} × {size}"
    return "<br>".join(
        (
            f"<b>{escape(one.owner.label)}</b>",
            f"{escape(_('Step {number}', number=number))}: {escape(words.count(step))}",
            escape(one.consignment),
            escape(_("each {size}, {mass}", size=size, mass=mass(one.mass_g))),
        )
    )


def scene_sentence(view: LoadView, sheet: LoadingSheet, shown: int) -> str:
    """Say what the picture in three dimensions shows."""
    packages = sum(len(step.places) for step in sheet.steps[:shown])
    counted = plural("{number} package", "{number} packages", packages)
    said = _("The container in three dimensions, seen from the door end, with {packages}.", packages=counted)
    if view.fill_permille is not None:
        said += " " + _("Fully loaded, it is filled to {fill}.", fill=percent(view.fill_permille))
    return said
