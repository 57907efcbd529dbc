"""A load plan as plain text for people: what is in each container, what stays out and why."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from babel.numbers import format_decimal

from consortium.load_texts import BALANCES, LOAD_STATUSES, OUT_REASONS, OWNER_LEVELS, VALUES
from consortium.plan_report import GRAMS_PER_KG, table
from consortium.texts import Texts
from optimizer.checking_loads import objective_value
from optimizer.load_problem import LoadProblem
from optimizer.load_result import LoadAnswer, LoadedContainer, OwnersLevel
from optimizer.pallets import on_pallets
from optimizer.result import BuiltPallet


class LoadReport:
    """Puts the answer to a load problem into the words of one language."""

    def __init__(self, problem: LoadProblem, answer: LoadAnswer, texts: Texts) -> None:
        self.problem = problem if problem.pallet is None else on_pallets(problem, answer.pallets)
        self.answer = answer
        self.texts = texts
        self.gettext = texts.gettext

    def lines(self) -> Iterator[str]:
        """Yield all lines: what is known, the pallets, the containers, what stays out, the price of each level."""
        yield from self._head()
        if self.answer.pallets:
            yield from ("", self.gettext("Pallets"), *self._pallets())
        if self.answer.loads:
            yield from ("", self.gettext("Containers"), *self._containers())
        if self.answer.unloaded:
            yield from ("", self.gettext("Stays out"))
        for one in self.answer.unloaded:
            reason = self.gettext(OUT_REASONS[one.reason.value])
            yield f"  {_goods(one.consignment, one.package)} × {one.quantity}: {reason}"
        if self.answer.levels:
            yield from ("", self.gettext("What keeping owners apart costs"), *self._levels())

    def _number(self, number: Decimal | int, pattern: str = "#,##0") -> str:
        return format_decimal(number, pattern, locale=self.texts.language)

    def _percent(self, permille: int) -> str:
        return self._number(Decimal(permille) / 10, "0.0")

    def _head(self) -> Iterator[str]:
        answer = self.answer
        if self.problem.title:
            yield self.problem.title
        status = self.gettext(LOAD_STATUSES[answer.status.value])
        yield self.gettext("Status: {status} ({code})", status=status, code=answer.status.value)
        value, bound = self._number(objective_value(self.problem, answer)), self._number(answer.lower_bound)
        yield self.gettext(VALUES[self.problem.objective.value], value=value, bound=bound)
        yield self.gettext("Support: {support}", support=answer.support)
        limits = ", ".join(f"{key} {value}" for key, value in answer.limits.items())
        yield self.gettext("Seed: {seed}; limits: {limits}", seed=answer.seed, limits=limits or "-")

    def _pallets(self) -> list[str]:
        _ = self.gettext
        rows = [row for one in self.answer.pallets for row in self._pallet(one)]
        header = [_("pallet"), "×", "mm", "kg", _("on top (kg)"), _("owner"), _("package"), _("packages")]
        return table(header, rows, (1, 2, 3, 4, 7))

    def _pallet(self, one: BuiltPallet) -> Iterator[list[str]]:
        """Yield one row for each kind of package on equal pallets, what concerns the pallet only in the first."""
        bears = "-" if one.max_load_g is None else self._kg(one.max_load_g)
        first = [one.id, str(one.quantity), self._number(one.height_mm), self._kg(one.mass_g), bears, one.owner]
        kinds = Counter((each.consignment, each.package) for each in one.cartons)
        for index, (key, quantity) in enumerate(kinds.items()):
            yield [*(first if index == 0 else [""] * len(first)), _goods(*key), str(quantity)]

    def _levels(self) -> list[str]:
        _ = self.gettext
        header = [_("owners"), "", _("containers"), _("cost"), _("packages left"), _("more than free"), _("status")]
        rows = [self._level(one) for one in self.answer.levels]
        return table(header, rows, (2, 3, 4))

    def _level(self, one: OwnersLevel) -> list[str]:
        free = self.answer.levels[0]
        names = ("containers", "cost_minor", "packages_left")
        pairs = [(getattr(one, name), getattr(free, name)) for name in names]
        numbers = [self._number(mine) for mine, _ in pairs]
        more = " / ".join(self._number(mine - least, "+#,##0;-#,##0") for mine, least in pairs)
        words = self.gettext(OWNER_LEVELS[one.owners.value])
        status = self.gettext(LOAD_STATUSES[one.status.value])
        return [one.owners.value, words, *numbers, "" if one is free else more, status]

    def _kg(self, mass_g: int) -> str:
        return self._number(Decimal(mass_g) / GRAMS_PER_KG, "#,##0.0")

    def _containers(self) -> list[str]:
        rows = [row for number, load in enumerate(self.answer.loads, 1) for row in self._rows(number, load)]
        _ = self.gettext
        header = ["", _("container"), "%", "kg", _("centre of gravity (%)"), _("balance"), _("steps"), _("package")]
        return table([*header, _("owner"), _("packages")], rows, (0, 2, 3, 6, 9))

    def _rows(self, number: int, load: LoadedContainer) -> Iterator[list[str]]:
        """Yield one row for each kind of package, what concerns the whole container only in the first."""
        first = [str(number), load.container, self._percent(load.fill_permille)]
        first.append(self._kg(load.mass_g))
        first.append(" / ".join(self._percent(one) for one in load.centre_of_gravity_permille))
        first += [self.gettext(BALANCES[load.balance.value]), str(len(load.placements))]
        kinds = Counter((one.consignment, one.package) for one in load.placements)
        for index, (key, quantity) in enumerate(kinds.items()):
            shown = first if index == 0 else [""] * len(first)
            yield [*shown, _goods(*key), self.problem.package[key].owner, str(quantity)]


def _goods(consignment: str, package: str) -> str:
    return f"{consignment} {package}".strip()
