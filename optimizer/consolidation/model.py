"""The whole problem as one compact CP-SAT model: the textbook formulation, for small cases and as a cross-check.

Every consignment goes whole into one container slot or one loose lot. It shares no idea with the search by
patterns beyond the charges themselves: lines, steps and sums are variables here.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ortools.sat.python import cp_model

from optimizer.consolidation.charges import (
    delay_amount,
    line_amount,
    lot_units,
    part_totals,
    passes,
    price,
    value_units,
    whole,
)
from optimizer.consolidation.cp_search import run
from optimizer.consolidation.lots import Improved, LotPlan
from optimizer.consolidation.options import Option, feasible_options
from optimizer.limits import Limits, never_stop
from optimizer.problem import LOT_BASES, Basis, Charge, Consignment, ConsolidationProblem, Departure, Mode
from optimizer.result import ContainerLoad, LooseLot

Bool = cp_model.IntVar


@dataclass(frozen=True, slots=True)
class _Lot:
    """A consignment in a slot or loose: `used` says whether it travels so."""

    consignment: Consignment
    option: Option
    slot: int | None
    used: Bool


@dataclass
class _Slot:
    """One container that may be sent."""

    option: Option
    used: Bool
    lots: list[_Lot] = field(default_factory=list)


def solve_compact(problem: ConsolidationProblem, limits: Limits, seed: int) -> Improved:
    """Plan all consignments whole, by one model.

    Returns
    -------
    Improved
        The best plan found, its lower bound, and whether it is proven (for whole consignments: a problem with
        consignments that can be split may have a cheaper plan).
    """
    model = _Compact(problem)
    solver = cp_model.CpSolver()
    found = run(
        model.model, solver, work=limits.work_limit, seed=seed, should_stop=never_stop,
        deadline=time.monotonic() + limits.time_limit_s,
    )  # fmt: skip
    if not found.solved:
        everything = LotPlan(unplanned=tuple(one.id for one in problem.consignments))
        return Improved(plan=everything, lower_bound_minor=0, proven=False, ended_by="work_limit")
    plan = model.plan(solver)
    cost = price(problem, plan.containers, plan.lcl, plan.postal).cost_minor
    behind = found.bound - len(plan.unplanned) * model.penalty
    return Improved(
        plan=plan,
        lower_bound_minor=min(cost, max(0, behind)),
        proven=found.proven,
        ended_by="proof" if found.proven else "time_limit" if found.interrupted else "work_limit",
    )


class _Compact:
    """Variables, one method per kind of constraint, the objective, and the plan read back."""

    def __init__(self, problem: ConsolidationProblem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.slots: list[_Slot] = []
        self.lots: list[_Lot] = []
        self.left: dict[str, Bool] = {one.id: self.model.new_bool_var("") for one in problem.consignments}
        self.terms: list[tuple[cp_model.IntVar, int]] = []
        self.ceiling = 0
        """A cost that no plan exceeds."""
        self._variables()
        self._each_once()
        self._contents()
        self._order_slots()
        for charge in problem.charges:
            self._charge(charge)
        self._delays()
        self.penalty = self.ceiling + 1
        cost = sum(variable * amount for variable, amount in self.terms)
        self.model.minimize(cost + self.penalty * sum(self.left.values()))

    def _variables(self) -> None:
        holders: dict[tuple[str, str], list[tuple[Consignment, Option]]] = {}
        for consignment in self.problem.consignments:
            for option in feasible_options(self.problem, consignment):
                if option.container_type is None:
                    self.lots.append(_Lot(consignment, option, None, self.model.new_bool_var("")))
                elif option.whole:
                    key = (option.departure.id, option.container_type.code)
                    holders.setdefault(key, []).append((consignment, option))
        for (_, code), held in holders.items():
            limit = held[0][1].departure.container_limits.get(code, len(held))
            for _ in range(min(limit, len(held))):
                slot = _Slot(held[0][1], self.model.new_bool_var(""))
                for consignment, option in held:
                    lot = _Lot(consignment, option, len(self.slots), self.model.new_bool_var(""))
                    slot.lots.append(lot)
                    self.lots.append(lot)
                self.slots.append(slot)

    def _each_once(self) -> None:
        carriers: dict[str, list[Bool]] = {name: [left] for name, left in self.left.items()}
        for lot in self.lots:
            carriers[lot.consignment.id].append(lot.used)
        for ways in carriers.values():
            self.model.add_exactly_one(ways)

    def _contents(self) -> None:
        for slot in self.slots:
            kind = slot.option.container_type
            assert kind is not None
            self.model.add(
                sum(lot.used * lot.consignment.volume_mm3 for lot in slot.lots) <= kind.usable_volume_mm3 * slot.used
            )
            self.model.add(sum(lot.used * lot.consignment.mass_g for lot in slot.lots) <= kind.payload_g * slot.used)
            self.model.add_bool_or([*(lot.used for lot in slot.lots), slot.used.negated()])
            for at, one in enumerate(slot.lots):
                for other in slot.lots[at + 1 :]:
                    if not self.problem.compatible(one.consignment.cargo_class, other.consignment.cargo_class):
                        self.model.add_at_most_one(one.used, other.used)

    def _order_slots(self) -> None:
        """Use equal slots in order."""
        for before, after in zip(self.slots, self.slots[1:], strict=False):
            if before.option.departure == after.option.departure and (
                before.option.container_type == after.option.container_type
            ):
                self.model.add_implication(after.used, before.used)

    def _charge(self, charge: Charge) -> None:
        for departure in self.problem.departures:
            met = [lot for lot in self.lots if lot.option.departure.id == departure.id and self._passes(charge, lot)]
            if not met:
                continue
            if charge.basis in LOT_BASES:
                for lot in met:
                    self._pay(lot.used, line_amount(charge, self._units(charge, lot)))
            elif charge.basis is Basis.VALUE:
                for lot in met:
                    units = value_units(lot.consignment, lot.consignment.volume_mm3)
                    self._pay(lot.used, line_amount(charge, units))
            else:
                self._pay_lines(charge, self._lines(charge, departure, met))

    def _passes(self, charge: Charge, lot: _Lot) -> bool:
        option = lot.option
        return passes(charge, lot.consignment, option.departure, option.mode, option.container_type)

    def _units(self, charge: Charge, lot: _Lot) -> Fraction:
        volume_mm3, mass_g, count = part_totals(lot.consignment, {})
        return lot_units(charge, self.problem.settings, lot.option.mode, volume_mm3, mass_g, count)

    def _pay(self, variable: cp_model.IntVar, amount: int) -> None:
        self.terms.append((variable, amount))
        self.ceiling += amount

    def _lines(self, charge: Charge, departure: Departure, met: Sequence[_Lot]) -> list[Bool]:
        """Return one Boolean for each line that a charge may have on a departure."""
        groups: dict[object, list[Bool]] = {}
        for lot in met:
            if charge.basis is Basis.CONTAINER:
                if lot.slot is not None:
                    groups.setdefault(lot.slot, []).append(lot.used)
            elif charge.basis is Basis.BILL_OF_LADING:
                loose = lot.option.mode is not Mode.FCL
                groups.setdefault((lot.option.mode, lot.consignment.id) if loose else Mode.FCL, []).append(lot.used)
            elif charge.basis is Basis.CONSIGNMENT:
                groups.setdefault(lot.consignment.id, []).append(lot.used)
            elif charge.basis is Basis.MEMBER:
                groups.setdefault(lot.consignment.member, []).append(lot.used)
            else:
                groups.setdefault(departure.id, []).append(lot.used)
        lines = {key: self._any(used) for key, used in groups.items()}
        if charge.gross_mass_over_g is None:
            return list(lines.values())
        return [self._both(line, self._heavy(int(str(key)), charge.gross_mass_over_g)) for key, line in lines.items()]

    def _any(self, used: Sequence[Bool]) -> Bool:
        line = self.model.new_bool_var("")
        for one in used:
            self.model.add_implication(one, line)
        self.model.add_bool_or([*used, line.negated()])
        return line

    def _both(self, one: Bool, other: Bool) -> Bool:
        both = self.model.new_bool_var("")
        self.model.add_bool_and([one, other]).only_enforce_if(both)
        self.model.add_bool_or([one.negated(), other.negated(), both])
        return both

    def _heavy(self, slot: int, over_g: int) -> Bool:
        kind = self.slots[slot].option.container_type
        assert kind is not None
        mass = sum(lot.used * lot.consignment.mass_g for lot in self.slots[slot].lots) + kind.tare_g
        heavy = self.model.new_bool_var("")
        self.model.add(mass >= over_g + 1).only_enforce_if(heavy)
        self.model.add(mass <= over_g).only_enforce_if(heavy.negated())
        return heavy

    def _pay_lines(self, charge: Charge, lines: Sequence[Bool]) -> None:
        if not lines:
            return
        totals = [n * line_amount(charge, 1, n) if n else 0 for n in range(len(lines) + 1)]
        if totals == [n * totals[1] for n in range(len(totals))]:
            for line in lines:
                self._pay(line, totals[1])
            return
        number = self.model.new_int_var(0, len(lines), "")
        self.model.add(sum(lines) == number)
        total = self.model.new_int_var(0, max(totals), "")
        self.model.add_element(number, totals, total)
        self.terms.append((total, 1))
        self.ceiling += max(totals)

    def _delays(self) -> None:
        for lot in self.lots:
            volume_mm3 = lot.consignment.volume_mm3
            self._pay(lot.used, delay_amount(self.problem, lot.consignment, lot.option.departure, volume_mm3))

    def plan(self, solver: cp_model.CpSolver) -> LotPlan:
        """Read the plan of a solution."""
        containers: list[ContainerLoad] = []
        for slot in self.slots:
            goods = [lot.consignment for lot in slot.lots if solver.value(lot.used)]
            kind = slot.option.container_type
            if goods and kind is not None:
                containers.append(
                    ContainerLoad(
                        id=f"K-{len(containers) + 1}",
                        container_type=kind.code,
                        departure=slot.option.departure.id,
                        contents=tuple(whole(one) for one in goods),
                        mass_g=sum(one.mass_g for one in goods),
                        volume_mm3=sum(one.volume_mm3 for one in goods),
                    )
                )
        loose: dict[Mode, list[LooseLot]] = {Mode.LCL: [], Mode.POSTAL: []}
        for lot in self.lots:
            if lot.slot is None and solver.value(lot.used):
                one = lot.consignment
                loose[lot.option.mode].append(
                    LooseLot(
                        departure=lot.option.departure.id, part=whole(one), mass_g=one.mass_g, volume_mm3=one.volume_mm3
                    )
                )
        return LotPlan(
            containers=tuple(containers),
            lcl=tuple(loose[Mode.LCL]),
            postal=tuple(loose[Mode.POSTAL]),
            unplanned=tuple(name for name, left in self.left.items() if solver.value(left)),
        )
