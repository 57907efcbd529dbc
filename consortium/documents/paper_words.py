"""Words and numbers of the papers in one language: how many of what, how arranged, where, how heavy."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from consortium.documents.loading_sheet import Step, ToldStep
from consortium.texts import Texts
from consortium.views_loads import LoadPlace, LoadView

MM_PER_CM, GRAMS_PER_KG, MM3_PER_M3 = 10, 1_000, 10**9


class PaperWords:
    """Puts steps and amounts into the words of one language, numbers as a place writes them (none: its language)."""

    def __init__(self, texts: Texts, place: str = "") -> None:
        self.texts = texts
        self.language = place or texts.language
        self.gettext = texts.gettext

    def number(self, value: Decimal | int, pattern: str = "#,##0.###") -> str:
        """Return a number as the language writes it."""
        return str(format_decimal(value, pattern, locale=self.language))

    def cm(self, length_mm: int) -> str:
        """Return a length in cm, to the millimetre."""
        return self.number(Decimal(length_mm) / MM_PER_CM)

    def kg(self, mass_g: int) -> str:
        """Return a mass in kg, to the gram."""
        return self.number(Decimal(mass_g) / GRAMS_PER_KG)

    def cubic_metres(self, volume_mm3: int) -> str:
        """Return a volume in m3, to the litre."""
        return self.number(Decimal(volume_mm3) / MM3_PER_M3, "#,##0.000")

    def percent(self, permille: int) -> str:
        """Return a share in percent."""
        return self.number(Decimal(permille) / 10, "0.0") + " %"

    def day(self, when: date) -> str:
        """Return a date as the language writes it."""
        return str(format_date(when, "d MMM y", locale=self.language))

    def goods(self, one: LoadPlace) -> str:
        """Return what a package is called."""
        return one.description or one.package

    def count(self, step: Step) -> str:
        """Return how many of what: ``12 × Honey 1 kg``."""
        return f"{len(step.places)} × {self.goods(step.one)}"

    def arranged(self, step: Step) -> str:
        """Return how the packages of a step stand together, by what there is more than one of."""
        _ = self.gettext
        parts = [
            _("{count} side by side", count=step.across) if step.across > 1 else "",
            _("{count} deep", count=step.deep) if step.deep > 1 else "",
            _("{count} high", count=step.high) if step.high > 1 else "",
        ]
        return ", ".join(part for part in parts if part) or _("a single package")

    def stands(self, step: Step) -> str:
        """Return the sizes of one package as it stands, the upright one named."""
        one = step.one
        return self.gettext(
            "{upright} cm upright; {along} cm towards the door, {across} cm across",
            upright=self.cm(one.dz_mm), along=self.cm(one.dx_mm), across=self.cm(one.dy_mm),
        )  # fmt: skip

    def ends(self) -> tuple[str, str]:
        """Return what the two ends of the length are called: where counting begins, and the other."""
        return self.gettext("Front wall"), self.gettext("Door")

    def along(self, step: Step) -> str:
        """Return how far from the front wall a step begins."""
        if step.x_mm == 0:
            return self.gettext("against the front wall (0 cm)")
        return self.gettext("{cm} cm from the front wall", cm=self.cm(step.x_mm))

    def across(self, step: Step, view: LoadView) -> str:
        """Return how far from the left wall a step begins, and whether it touches the right wall."""
        _ = self.gettext
        if step.y_mm == 0:
            return _("against the left wall (0 cm)")
        left = _("{cm} cm from the left wall", cm=self.cm(step.y_mm))
        if step.y_mm + step.size_mm[1] == view.width_mm:
            return _("{left}, against the right wall", left=left)
        return left

    def on_the_ground(self) -> str:
        """Return where something stands that stands on nothing else."""
        return self.gettext("on the floor")

    def height(self, told: ToldStep) -> str:
        """Return at which height a step stands, and on what."""
        _ = self.gettext
        if told.step.z_mm == 0:
            return self.on_the_ground()
        at = _("at {cm} cm height", cm=self.cm(told.step.z_mm))
        if not told.rests_on:
            return at
        numbers = ", ".join(map(str, told.rests_on))
        return _("{at}, on top of {steps}", at=at, steps=self.texts.ngettext(
            "step {numbers}", "steps {numbers}", len(told.rests_on), numbers=numbers,
        ))  # fmt: skip

    def mass(self, told: ToldStep) -> str:
        """Return the mass of a step and of one of its packages."""
        if len(told.step.places) == 1:
            return self.gettext("{total} kg", total=self.kg(told.mass_g))
        one_g = told.step.one.mass_g or 0
        return self.gettext("{total} kg ({each} kg each)", total=self.kg(told.mass_g), each=self.kg(one_g))


class PalletWords(PaperWords):
    """The same words for what is put onto a pallet: its far short edge is what the front wall is to a container."""

    def ends(self) -> tuple[str, str]:
        """Return what the two short edges of the pallet are called."""
        return self.gettext("Far edge"), self.gettext("Near edge")

    def stands(self, step: Step) -> str:
        """Return the sizes of one package as it stands, the upright one named."""
        one = step.one
        return self.gettext(
            "{upright} cm upright; {along} cm along the pallet, {across} cm across",
            upright=self.cm(one.dz_mm), along=self.cm(one.dx_mm), across=self.cm(one.dy_mm),
        )  # fmt: skip

    def along(self, step: Step) -> str:
        """Return how far from the far short edge a step begins."""
        if step.x_mm == 0:
            return self.gettext("at the far short edge (0 cm)")
        return self.gettext("{cm} cm from the far short edge", cm=self.cm(step.x_mm))

    def across(self, step: Step, view: LoadView) -> str:
        """Return how far from the left long edge a step begins, and whether it reaches the right one."""
        _ = self.gettext
        if step.y_mm == 0:
            return _("at the left long edge (0 cm)")
        left = _("{cm} cm from the left long edge", cm=self.cm(step.y_mm))
        if step.y_mm + step.size_mm[1] == view.width_mm:
            return _("{left}, up to the right long edge", left=left)
        return left

    def on_the_ground(self) -> str:
        """Return where something stands that stands on no other package."""
        return self.gettext("on the boards")
