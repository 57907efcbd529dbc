"""A plan as plain text for people: tables of what travels, what it costs, who pays."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from babel.numbers import format_decimal

from consortium.allocation_texts import VERDICTS
from consortium.formats.codes import CURRENCY_EXPONENT
from consortium.plan_texts import STATUSES, cure_sentence, reason_sentence
from consortium.texts import Texts
from optimizer.problem import ConsolidationProblem
from optimizer.result import ContainerLoad, LooseLot, ShipmentPlan
from optimizer.units import MM3_PER_M3, PPM

GRAMS_PER_KG = 1_000
BY_VOLUME = "lower_bound_by_volume_minor"
"""The limit of a plan that is told in words."""


def money(amount_minor: int, currency: str, language: str) -> str:
    """Return an amount of money as people of a language write it, with its currency."""
    exponent = CURRENCY_EXPONENT.get(currency, 2)
    decimals = f".{'0' * exponent}" if exponent else ""
    amount = Decimal(amount_minor).scaleb(-exponent)
    return f"{format_decimal(amount, f'#,##0{decimals}', locale=language)} {currency}".strip()


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Return lines of a table with aligned columns; `right` lists the columns of numbers."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(header))]
    numbers = set(right)

    def line_of(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if index in numbers else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    return [line_of(lines[0]), "  ".join("-" * width for width in widths), *map(line_of, lines[1:])]


class PlanReport:
    """Puts a plan of a problem into the words of one language."""

    def __init__(self, problem: ConsolidationProblem, plan: ShipmentPlan, texts: Texts) -> None:
        self.problem = problem
        self.plan = plan
        self.texts = texts
        self.gettext = texts.gettext

    def lines(self, allocation: Mapping[str, Any]) -> Iterator[str]:
        """Yield all lines: what is known, what travels, what does not, charges, shares."""
        yield from self._head()
        yield from self._section(self.gettext("Containers"), self._containers())
        yield from self._section(self.gettext("Less than a container (LCL)"), self._lots(self.plan.lcl))
        yield from self._section(self.gettext("Post"), self._lots(self.plan.postal))
        yield from self._unplanned()
        yield from self._section(self.gettext("Charges"), self._charges())
        yield from self._section(self.gettext("Cost of waiting"), self._delays())
        yield from self._section(self.gettext("Shares"), self._shares(allocation))
        yield from self._section(self.gettext("Stability"), list(self._stability(allocation)))

    def _money(self, amount_minor: int) -> str:
        return money(amount_minor, self.problem.currency, self.texts.language)

    def _decimal(self, number: Decimal, pattern: str) -> str:
        return format_decimal(number, pattern, locale=self.texts.language)

    def _volume(self, volume_mm3: int) -> str:
        return self._decimal(Decimal(volume_mm3) / MM3_PER_M3, "#,##0.000")

    def _mass(self, mass_g: int) -> str:
        return self._decimal(Decimal(mass_g) / GRAMS_PER_KG, "#,##0.0")

    def _percent(self, part: int, whole: int) -> str:
        return self._decimal(Decimal(part) * 100 / max(1, whole), "#,##0.0") + " %"

    def _section(self, title: str, lines: list[str]) -> Iterator[str]:
        if lines:
            yield from ("", title, *lines)

    def _head(self) -> Iterator[str]:
        plan = self.plan
        if self.problem.title:
            yield self.problem.title
        gap = self._decimal(Decimal(plan.gap_ppm) * 100 / PPM, "0.0000") + " %"
        status = self.gettext(STATUSES[plan.status.value])
        yield self.gettext("Status: {status} ({code})", status=status, code=plan.status.value)
        yield self.gettext("Cost: {amount}", amount=self._money(plan.cost_minor))
        yield self.gettext("Lower bound: {amount}; gap: {gap}", amount=self._money(plan.lower_bound_minor), gap=gap)
        by_volume_minor = plan.limits.get(BY_VOLUME)
        if by_volume_minor is not None:
            yield self.gettext(
                "Within the usable volumes no plan costs less than {amount}", amount=self._money(int(by_volume_minor))
            )
        limits = ", ".join(f"{key} {value}" for key, value in plan.limits.items() if key != BY_VOLUME)
        yield self.gettext("Seed: {seed}; limits: {limits}", seed=plan.seed, limits=limits or "-")

    def _containers(self) -> list[str]:
        rows = [row for load in self.plan.containers for row in self._container_rows(load)]
        header = [self.gettext("container"), self.gettext("type"), self.gettext("departure"), "m³", "%", "kg", "%"]
        header += [self.gettext("consignment"), self.gettext("packages")]
        return table(header, rows, (3, 4, 5, 6, 8)) if rows else []

    def _container_rows(self, load: ContainerLoad) -> Iterator[list[str]]:
        kind = self.problem.container_type[load.container_type]
        first = [load.id, load.container_type, load.departure, self._volume(load.volume_mm3)]
        first += [self._percent(load.volume_mm3, kind.usable_volume_mm3), self._mass(load.mass_g)]
        first += [self._percent(load.mass_g, kind.payload_g)]
        for index, part in enumerate(load.contents):
            packages = str(sum(part.packages.values())) if part.packages else "-"
            yield [*(first if index == 0 else [""] * len(first)), part.consignment, packages]

    def _lots(self, lots: Sequence[LooseLot]) -> list[str]:
        rows = [
            [
                lot.part.consignment,
                lot.departure,
                str(sum(lot.part.packages.values())) if lot.part.packages else "-",
                self._volume(lot.volume_mm3),
                self._mass(lot.mass_g),
            ]
            for lot in lots
        ]
        header = [self.gettext("consignment"), self.gettext("departure"), self.gettext("packages"), "m³", "kg"]
        return table(header, rows, (2, 3, 4)) if rows else []

    def _unplanned(self) -> Iterator[str]:
        if not self.plan.unplanned:
            return
        yield ""
        yield self.gettext("Cannot travel")
        for one in self.plan.unplanned:
            reason = reason_sentence(one.reason.value, one.detail, self.texts)
            cure = cure_sentence(one.detail, self.texts)
            yield f"  {one.consignment}: {reason}" + (f"; {cure}" if cure else "")

    def _charges(self) -> list[str]:
        rows = [
            [
                line.code,
                line.departure,
                line.container or "",
                line.consignment or line.member or "",
                line.units,
                self._money(line.amount_minor),
            ]
            for line in self.plan.charges
        ]
        header = [self.gettext("charge"), self.gettext("departure"), self.gettext("container"), self.gettext("of"), "×"]
        return table([*header, self.gettext("amount")], rows, (4, 5)) if rows else []

    def _delays(self) -> list[str]:
        rows = [
            [one.consignment, one.departure, str(one.days), self._money(one.amount_minor)]
            for one in self.plan.delay_costs
            if one.amount_minor
        ]
        header = [self.gettext("consignment"), self.gettext("departure"), self.gettext("days"), self.gettext("amount")]
        return table(header, rows, (2, 3)) if rows else []

    def _shares(self, allocation: Mapping[str, Any]) -> list[str]:
        shares: Mapping[str, int] = allocation.get("shares_minor") or {}
        alone: Mapping[str, int] = allocation.get("stand_alone_minor") or {}
        errors: Mapping[str, float] = allocation.get("standard_errors") or {}
        rows = [
            [
                member,
                self._money(alone[member]) if member in alone else "-",
                self._money(share),
                self._money(alone[member] - share) if member in alone else "-",
                self._money(allocation.get("pays_minor", {}).get(member, share)),
                self._money(allocation.get("buyers_pay_minor", {}).get(member, 0)),
                *([self._money(ceil(errors[member])) if member in errors else "-"] if errors else []),
            ]
            for member, share in shares.items()
        ]
        header = [self.gettext("member"), self.gettext("alone"), self.gettext("share"), self.gettext("saving")]
        header += [self.gettext("pays"), self.gettext("its buyers pay")]
        header += [self.gettext("standard error")] if errors else []
        return table(header, rows, range(1, len(header))) if rows else []

    def _stability(self, allocation: Mapping[str, Any]) -> Iterator[str]:
        """Yield what it would take that no group objects, where the core is empty or members are many."""
        found = allocation.get("properties") or {}
        if "stabilising_discount" not in found:
            return
        _ = self.gettext
        stable, empty = (VERDICTS[found[name]] for name in ("in_core", "core_empty"))
        yield _("in the core: {verdict}", verdict=_(stable))
        excess = self._money(ceil(Fraction(found["largest_excess"])))
        yield _("largest excess: {excess} of {group}", excess=excess, group=", ".join(found["worst_coalition"]))
        if "largest_factor" in found:
            factor = self._decimal(Decimal(found["largest_factor"]), "0.0000")
            yield _("no group is charged more than {factor} times what it would pay alone", factor=factor)
        yield _("Core empty: {verdict}", verdict=_(empty))
        in_all, each = (
            [self._money(ceil(Fraction(end))) for end in found[name]]
            for name in ("stabilising_discount", "stabilising_surcharge")
        )
        if len(in_all) == 1:
            yield _("for no group to object, all together would be charged at least {low} less", low=in_all[0])
            yield _("or whoever leaves would pay at least {low} for leaving", low=each[0])
            return
        low, high = in_all
        yield _("for no group to object, all together would be charged {low} to {high} less", low=low, high=high)
        low, high = each
        yield _("or whoever leaves would pay {low} to {high} for leaving", low=low, high=high)
