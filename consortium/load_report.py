"""A load plan as plain text for people: what is in each container, what stays out and why."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from babel.numbers import format_decimal

from consortium.load_texts import BALANCES, LOAD_STATUSES, OUT_REASONS, VALUES
from consortium.plan_report import GRAMS_PER_KG, table
from consortium.texts import Texts
from optimizer.checking_loads import objective_value
from optimizer.load_problem import LoadProblem
from optimizer.load_result import LoadAnswer, LoadedContainer


class LoadReport:
    """Puts the answer to a load problem into the words of one language."""

    def __init__(self, problem: LoadProblem, answer: LoadAnswer, texts: Texts) -> None:
        self.problem = problem
        self.answer = answer
        self.texts = texts
        self.gettext = texts.gettext

    def lines(self) -> Iterator[str]:
        """Yield all lines: what is known, the containers, what stays out."""
        yield from self._head()
        if self.answer.loads:
            yield from ("", self.gettext("Containers"), *self._containers())
        if self.answer.unloaded:
            yield from ("", self.gettext("Stays out"))
        for one in self.answer.unloaded:
            reason = self.gettext(OUT_REASONS[one.reason.value])
            yield f"  {_goods(one.consignment, one.package)} × {one.quantity}: {reason}"

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

    def _containers(self) -> list[str]:
        rows = [row for number, load in enumerate(self.answer.loads, 1) for row in self._rows(number, load)]
        _ = self.gettext
        header = ["", _("container"), "%", "kg", _("centre of gravity (%)"), _("balance"), _("steps"), _("package")]
        return table([*header, _("owner"), _("packages")], rows, (0, 2, 3, 6, 9))

    def _rows(self, number: int, load: LoadedContainer) -> Iterator[list[str]]:
        """Yield one row for each kind of package, what concerns the whole container only in the first."""
        first = [str(number), load.container, self._percent(load.fill_permille)]
        first.append(self._number(Decimal(load.mass_g) / GRAMS_PER_KG, "#,##0.0"))
        first.append(" / ".join(self._percent(one) for one in load.centre_of_gravity_permille))
        first += [self.gettext(BALANCES[load.balance.value]), str(len(load.placements))]
        kinds = Counter((one.consignment, one.package) for one in load.placements)
        for index, (key, quantity) in enumerate(kinds.items()):
            shown = first if index == 0 else [""] * len(first)
            yield [*shown, _goods(*key), self.problem.package[key].owner, str(quantity)]


def _goods(consignment: str, package: str) -> str:
    return f"{consignment} {package}".strip()
