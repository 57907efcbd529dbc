"""The stuffing sheet of one container as PDF: numbered steps, each with a picture, a map and words."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from consortium.documents.loading_sheet import LoadingSheet, ToldStep, loading_sheet
from consortium.documents.paper_words import PalletWords, PaperWords
from consortium.documents.step_pictures import StepPictures, swatch
from consortium.documents.typesetting import PaperSize, pdf
from consortium.load_texts import BALANCES
from consortium.member_looks import look
from consortium.plan_texts import VIOLATION
from consortium.reference_data import container_types
from consortium.views_loads import LoadView, PalletView

PALLET_SCALE = 4.0
"""How much larger a pallet is drawn than a container."""

Pairs = list[tuple[str, str]]


def stuffing_sheet(sheet: LoadingSheet, words: PaperWords, *, reference: str, paper: PaperSize) -> bytes:
    """Return the stuffing sheet of one container.

    Parameters
    ----------
    reference
        What the container belongs to, for every page's head: code of the shipment and what tells the container.
    paper
        A4 or Letter.
    """
    return pdf("stuffing_sheet", SheetContent(sheet, words).data(reference, paper))


def common(words: PaperWords, title: str, reference: str, paper: PaperSize) -> dict[str, Any]:
    """Return what the template of every paper reads."""
    _ = words.gettext
    return {
        "title": title,
        "reference": reference,
        "paper": paper.value,
        "language": words.texts.language,
        "source": _("Made from the plan in force"),
        "words": {"page": _("Page {page} of {pages}")},
    }


def container_facts(view: LoadView, words: PaperWords) -> Pairs:
    """Return what container it is and how it travels."""
    _ = words.gettext
    known = container_types(words.texts.language).get(view.container_type)
    inside = " × ".join(words.cm(size) for size in (view.length_mm, view.width_mm, view.height_mm))
    return [
        (_("Container"), view.container_id),
        (_("Type"), f"{view.container_type} · {known.name}" if known else view.container_type),
        (_("Departure"), f"{view.departure} · {words.day(view.departs)}"),
        (_("Route"), f"{view.origin} → {view.destination}"),
        (_("Inside (length × width × height)"), f"{inside} cm"),
        (_("Door (width × height)"), f"{words.cm(view.door_width_mm)} × {words.cm(view.door_height_mm)} cm"),
    ]


def pallet_view(view: LoadView, one: PalletView) -> LoadView:
    """Return what stands on a pallet as a small container, for the same pictures and words."""
    room = one.height_mm - one.board_mm
    return replace(
        view, length_mm=one.length_mm, width_mm=one.width_mm, height_mm=room, top_mm=room, door_width_mm=one.width_mm,
        door_height_mm=room, places=one.places, pallets=(), verdict=(), fill_permille=None, balance=None,
        centre_of_gravity_permille=None,
    )  # fmt: skip


def _top(one: PalletView, words: PaperWords) -> str:
    if one.max_load_g == 0:
        return words.gettext("nothing")
    if one.max_load_g is None:
        return words.gettext("no limit")
    return words.gettext("at most {kg} kg", kg=words.kg(one.max_load_g))


class SheetContent:
    """Puts one container into the words and pictures of the template."""

    def __init__(self, sheet: LoadingSheet, words: PaperWords, *, scale: float = 1.0) -> None:
        self.sheet = sheet
        self.view = sheet.view
        self.words = words
        self.gettext = words.gettext
        self.on_pallets = {(one.consignment, one.package): len(one.places) for one in sheet.view.pallets}
        front, door = words.ends()
        self.pictures = StepPictures(
            sheet.view, sheet.steps, sheet.numbers, door=door, front=front, cm=words.cm, scale=scale
        )  # fmt: skip

    def data(self, reference: str, paper: PaperSize) -> Mapping[str, Any]:
        """Return what the template reads."""
        _ = self.gettext
        made = common(self.words, _("Stuffing sheet"), reference, paper)
        made["words"] |= {
            "owners": _("Whose packages"),
            "reading": _("How to read this sheet"),
            "verdicts": _("Checks"),
            "done": _("done"),
            "pallets": _("First: build the pallets"),
            "loading": _("Then: load the container"),
            "building": _(
                "Stand at a short edge of the pallet: the far short edge is opposite, the left long edge on your "
                "left. Nothing hangs over an edge."
            ),
        }
        return {
            **made,
            "facts": [*container_facts(self.view, self.words), *self._totals()],
            "whole": self.pictures.whole(),
            "whole_alt": _("Everything loaded, seen from the door side; the left wall is cut away"),
            "owners": list(self._owners()),
            "reading": list(self._reading()),
            "verdicts": list(self._verdicts()),
            "blanks": list(self._blanks()),
            "pallets": self.pallets(),
            "steps": [self.step(one) for one in self.sheet.told],
        }

    def pallets(self) -> list[Mapping[str, Any]]:
        """Return how the pallets are built, kind by kind."""
        return [self._pallet(one) for one in self.view.pallets]

    def _pallet(self, one: PalletView) -> Mapping[str, Any]:
        """Return how equal pallets are built."""
        _, words = self.gettext, self.words
        built = loading_sheet(pallet_view(self.view, one))
        content = SheetContent(built, PalletWords(words.texts, words.language), scale=PALLET_SCALE)
        steps = [told.number for told in self.sheet.told if told.step.one.package == one.package
                 and told.step.one.consignment == one.consignment]  # fmt: skip
        sizes = " × ".join(words.cm(size) for size in (one.length_mm, one.width_mm, one.height_mm))
        return {
            "title": self.words.texts.ngettext(
                "{name}: build {number} pallet", "{name}: build {number} equal pallets", one.quantity, name=one.package,
            ),
            "swatch": swatch(look(one.owner.look)),
            "owner": one.owner.label,
            "facts": [
                (_("Packages on each"), words.number(len(one.places))),
                (_("Mass of each"), f"{words.kg(one.mass_g)} kg"),
                (_("Size of each, pallet included"), f"{sizes} cm"),
                (_("On top of each"), _top(one, words)),
                (_("Loaded in steps"), ", ".join(map(str, steps))),
            ],
            "whole": content.pictures.whole(),
            "whole_alt": ", ".join(words.count(told.step) for told in built.told),
            "steps": [content.step(told) for told in built.told],
        }  # fmt: skip

    def _totals(self) -> Iterator[tuple[str, str]]:
        _, view, words = self.gettext, self.view, self.words
        packages = sum(map(self._packages, self.sheet.told))
        pallets = sum(one.quantity for one in view.pallets)
        told_g = sum(one.mass_g for one in self.sheet.told)
        whole = view.is_whole and len(self.sheet.told) == len(self.sheet.steps)
        yield _("Packages") if whole else _("Your packages"), words.number(packages)
        if pallets:
            yield _("Pallets"), words.number(pallets)
        yield _("Steps"), words.number(len(self.sheet.told))
        mass = _("Mass with pallets") if pallets else _("Cargo mass") if whole else _("Mass of your packages")
        yield mass, f"{words.kg(told_g)} kg"
        if view.fill_permille is not None:
            yield _("Filled, by volume"), words.percent(view.fill_permille)
        if view.is_whole:
            yield _("Greatest cargo mass"), f"{words.kg(view.payload_g)} kg"

    def _packages(self, told: ToldStep) -> int:
        """Return how many packages a step loads: those on its pallets, not the pallets."""
        one = told.step.one
        on = self.on_pallets.get((one.consignment, one.package), 1)
        return on * len(told.step.places)

    def _owners(self) -> Iterator[dict[str, str]]:
        _ = self.gettext
        for owner in self.view.owners:
            steps = [one for one in self.sheet.told if one.step.one.owner == owner]
            said = _("packages: {packages}; mass: {kg} kg; steps: {steps}",
                packages=self.words.number(sum(map(self._packages, steps))),
                kg=self.words.kg(sum(one.mass_g for one in steps)),
                steps=", ".join(str(one.number) for one in steps),
            )  # fmt: skip
            yield {
                "swatch": swatch(look(owner.look)),
                "name": owner.label or _("Other firms"),
                "said": said if steps else "",
            }

    def _reading(self) -> Iterator[str]:
        _ = self.gettext
        yield _("Stand at the door and look in: the front wall is at the far end, the left wall on your left hand.")
        yield _("Load the steps by their numbers. Within a step, begin at the front wall and at the bottom.")
        yield _(
            "In each picture what stands already is pale and the new packages are strong; the left wall is cut away."
        )
        yield _(
            "The map beside it shows the container from above, with the distances from front wall and left wall in cm."
        )

    def _verdicts(self) -> Iterator[str]:
        _, view, words = self.gettext, self.view, self.words
        if not view.is_whole:
            yield _("Only your own packages are shown; the container carries more.")
        if not view.verdict:
            yield _("The judge checked every place, support, load and the order of loading: no rule is broken.")
        for one in view.verdict:
            yield _("The judge found a broken rule: {rule}", rule=_(
                VIOLATION, rule=one.rule, subject=one.subject, claimed=one.claimed, found=one.found,
            ) if one.subject else one.rule)  # fmt: skip
        if view.balance is not None and view.centre_of_gravity_permille is not None:
            along, across, up = (words.percent(one) for one in view.centre_of_gravity_permille)
            yield _(
                "Balance by the CTU Code 2014, annex 7: {verdict}. The centre of gravity lies at {along} of the length "
                "from the front wall, {across} of the width from the left wall, {up} of the height.",
                verdict=_(BALANCES[view.balance.value]), along=along, across=across, up=up,
            )  # fmt: skip

    def _blanks(self) -> Iterator[str]:
        _ = self.gettext
        yield _("Container number")
        yield _("Seal number")
        yield _("Loaded by (name, signature)")
        yield _("Checked by (name, signature)")
        yield _("Place")
        yield _("Date and time")

    def step(self, told: ToldStep) -> Mapping[str, Any]:
        """Return what the template reads of one step."""
        _, words, step = self.gettext, self.words, told.step
        where = [words.along(step), words.across(step, self.view), words.height(told)]
        said = [
            (_("Arranged"), words.arranged(step)),
            (_("Each"), words.stands(step)),
            (_("Where"), "\n".join(where)),
            (_("Mass"), words.mass(told)),
        ]
        owner = step.one.owner
        return {
            "number": str(told.number),
            "count": words.count(step),
            "owner": owner.label,
            "marks": " · ".join(filter(None, (step.one.consignment, step.one.package))),
            "swatch": swatch(look(owner.look)),
            "picture": self.pictures.step(told.position),
            "map": self.pictures.map(told.position),
            "alt": "; ".join([words.count(step), *where]),
            "said": said,
        }
