"""The compact model as a mixed-integer program for SCIP: what a user of a MIP solver would write down first.

The same formulation as `optimizer.consolidation.model` (each consignment in one container slot or one loose lot,
interchangeable slots used in order), with linear constraints only: counts with price breaks become one binary for
each count. For comparison only.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ortools.linear_solver import pywraplp

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
from optimizer.consolidation.lots import Improved, LotPlan
from optimizer.consolidation.options import Option, feasible_options
from optimizer.problem import LOT_BASES, Basis, Charge, Consignment, ConsolidationProblem, Mode
from optimizer.result import ContainerLoad, LooseLot


class OutOfTimeError(Exception):
    """The model could not even be written down in time."""


@dataclass(frozen=True)
class _Lot:
    consignment: Consignment
    option: Option
    slot: int | None
    used: Any


@dataclass
class _Slot:
    option: Option
    used: Any
    lots: list[_Lot] = field(default_factory=list)


def solve_scip(problem: ConsolidationProblem, time_limit_s: float) -> Improved:
    """Plan all consignments whole with SCIP.

    Raises
    ------
    OutOfTimeError
        When building the model takes longer than the limit.
    """
    model = _Model(problem, time.monotonic() + time_limit_s)
    left_s = max(0.1, model.deadline - time.monotonic())
    solver = model.solver
    solver.SetTimeLimit(int(left_s * 1000))
    status = solver.Solve()
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        everything = LotPlan(unplanned=tuple(one.id for one in problem.consignments))
        return Improved(plan=everything, lower_bound_minor=0, proven=False, ended_by="time_limit")
    plan = model.plan()
    cost = price(problem, plan.containers, plan.lcl, plan.postal).cost_minor
    proven = status == pywraplp.Solver.OPTIMAL
    # Floating point: half a cent of doubt never lifts a bound above an integer cost.
    bound = int(solver.Objective().BestBound() - len(plan.unplanned) * model.penalty + 0.999)
    return Improved(
        plan=plan,
        lower_bound_minor=cost if proven else min(cost, max(0, bound)),
        proven=proven,
        ended_by="proof" if proven else "time_limit",
    )


class _Model:
    """Variables, constraints and objective."""

    def __init__(self, problem: ConsolidationProblem, deadline: float) -> None:
        self.problem = problem
        self.deadline = deadline
        self.solver = pywraplp.Solver.CreateSolver("SCIP")
        self.slots: list[_Slot] = []
        self.lots: list[_Lot] = []
        self.left = {one.id: self._binary() for one in problem.consignments}
        self.terms: list[tuple[Any, int]] = []
        self.ceiling = 0
        self._variables()
        self._each_once()
        self._contents()
        self._order_slots()
        for charge in problem.charges:
            self._charge(charge)
        for lot in self.lots:
            volume_mm3 = lot.consignment.volume_mm3
            self._pay(lot.used, delay_amount(problem, lot.consignment, lot.option.departure, volume_mm3))
        self.penalty = self.ceiling + 1
        objective = self.solver.Objective()
        costs: dict[int, int] = {}
        for variable, amount in self.terms:
            costs[variable.index()] = costs.get(variable.index(), 0) + amount
        variables = {variable.index(): variable for variable, _ in self.terms}
        for index, amount in costs.items():
            objective.SetCoefficient(variables[index], amount)
        for left in self.left.values():
            objective.SetCoefficient(left, self.penalty)
        objective.SetMinimization()

    def _binary(self) -> Any:
        return self.solver.BoolVar("")

    def _row(self, low: float, high: float, terms: Iterable[tuple[Any, int]]) -> None:
        row = self.solver.Constraint(low, high)
        for variable, weight in terms:
            row.SetCoefficient(variable, weight)

    def _in_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise OutOfTimeError

    def _variables(self) -> None:
        holders: dict[tuple[str, str], list[tuple[Consignment, Option]]] = {}
        for consignment in self.problem.consignments:
            for option in feasible_options(self.problem, consignment):
                if option.container_type is None:
                    self.lots.append(_Lot(consignment, option, None, self._binary()))
                elif option.whole:
                    holders.setdefault((option.departure.id, option.container_type.code), []).append(
                        (consignment, option)
                    )
        for (_, code), held in holders.items():
            for _ in range(min(held[0][1].departure.container_limits.get(code, len(held)), len(held))):
                self._in_time()
                slot = _Slot(held[0][1], self._binary())
                slot.lots = [_Lot(consignment, option, len(self.slots), self._binary()) for consignment, option in held]
                self.lots.extend(slot.lots)
                self.slots.append(slot)

    def _each_once(self) -> None:
        ways: dict[str, list[Any]] = {name: [left] for name, left in self.left.items()}
        for lot in self.lots:
            ways[lot.consignment.id].append(lot.used)
        for variables in ways.values():
            self._row(1, 1, [(one, 1) for one in variables])

    def _contents(self) -> None:
        for slot in self.slots:
            self._in_time()
            kind = slot.option.container_type
            assert kind is not None
            # Litres and kilograms would round; millilitres and grams of a container stay below 10^8.
            volumes = [(lot.used, lot.consignment.volume_mm3 // 1000) for lot in slot.lots]
            self._row(-1e12, 0, [*volumes, (slot.used, -(kind.usable_volume_mm3 // 1000))])
            self._row(
                -1e12, 0, [*((lot.used, lot.consignment.mass_g) for lot in slot.lots), (slot.used, -kind.payload_g)]
            )
            for lot in slot.lots:
                self._row(0, 1, [(slot.used, 1), (lot.used, -1)])
            self._row(-1e12, 0, [(slot.used, 1), *((lot.used, -1) for lot in slot.lots)])
            for at, one in enumerate(slot.lots):
                for other in slot.lots[at + 1 :]:
                    if not self.problem.compatible(one.consignment.cargo_class, other.consignment.cargo_class):
                        self._row(0, 1, [(one.used, 1), (other.used, 1)])

    def _order_slots(self) -> None:
        for before, after in zip(self.slots, self.slots[1:], strict=False):
            if before.option.departure == after.option.departure and (
                before.option.container_type == after.option.container_type
            ):
                self._row(0, 1, [(before.used, 1), (after.used, -1)])

    def _charge(self, charge: Charge) -> None:
        met: dict[str, list[_Lot]] = {}
        for lot in self.lots:
            option = lot.option
            if passes(charge, lot.consignment, option.departure, option.mode, option.container_type):
                met.setdefault(option.departure.id, []).append(lot)
        for lots in met.values():
            self._in_time()
            if charge.basis in LOT_BASES:
                for lot in lots:
                    units = lot_units(charge, self.problem.settings, lot.option.mode, *part_totals(lot.consignment, {}))
                    self._pay(lot.used, line_amount(charge, units))
            elif charge.basis is Basis.VALUE:
                for lot in lots:
                    units = value_units(lot.consignment, lot.consignment.volume_mm3)
                    self._pay(lot.used, line_amount(charge, units))
            else:
                self._pay_lines(charge, self._lines(charge, lots))

    def _pay(self, variable: Any, amount: int) -> None:
        self.terms.append((variable, amount))
        self.ceiling += amount

    def _lines(self, charge: Charge, met: Sequence[_Lot]) -> list[Any]:
        """Return one binary for each line that a charge may have on a departure."""
        groups: dict[object, list[Any]] = {}
        for lot in met:
            key: object = lot.option.departure.id
            if charge.basis is Basis.CONTAINER:
                if lot.slot is None:
                    continue
                key = lot.slot
            elif charge.basis is Basis.BILL_OF_LADING:
                key = Mode.FCL if lot.option.mode is Mode.FCL else (lot.option.mode, lot.consignment.id)
            elif charge.basis is Basis.CONSIGNMENT:
                key = lot.consignment.id
            elif charge.basis is Basis.MEMBER:
                key = lot.consignment.member
            groups.setdefault(key, []).append(lot.used)
        if charge.gross_mass_over_g is None:
            return [self._any(charge, key, used) for key, used in groups.items()]
        return [
            self._both(self._any(charge, key, used), self._heavy(int(str(key)), charge.gross_mass_over_g))
            for key, used in groups.items()
        ]

    def _any(self, charge: Charge, key: object, used: Sequence[Any]) -> Any:
        if charge.basis is Basis.CONTAINER and len(used) == len(self.slots[int(str(key))].lots):
            return self.slots[int(str(key))].used
        if len(used) == 1:
            return used[0]
        line = self._binary()
        for one in used:
            self._row(0, 1, [(line, 1), (one, -1)])
        self._row(-1e12, 0, [(line, 1), *((one, -1) for one in used)])
        return line

    def _both(self, one: Any, other: Any) -> Any:
        both = self._binary()
        self._row(-1, 1, [(one, 1), (other, 1), (both, -1)])
        self._row(0, 1, [(one, 1), (both, -1)])
        self._row(0, 1, [(other, 1), (both, -1)])
        return both

    def _heavy(self, slot: int, over_g: int) -> Any:
        kind = self.slots[slot].option.container_type
        assert kind is not None
        masses = [(lot.used, lot.consignment.mass_g) for lot in self.slots[slot].lots]
        heavy = self._binary()
        free_g = over_g - kind.tare_g
        self._row(-1e12, free_g, [*masses, (heavy, -max(1, kind.payload_g - free_g))])
        self._row(0, 1e12, [*masses, (heavy, -(free_g + 1))])
        return heavy

    def _pay_lines(self, charge: Charge, lines: Sequence[Any]) -> None:
        totals = [n * line_amount(charge, 1, n) if n else 0 for n in range(len(lines) + 1)]
        if len(lines) and totals == [n * totals[1] for n in range(len(totals))]:
            for line in lines:
                self._pay(line, totals[1])
            return
        counts = [self._binary() for _ in totals]
        self._row(1, 1, [(one, 1) for one in counts])
        self._row(0, 0, [*((line, 1) for line in lines), *((one, -n) for n, one in enumerate(counts))])
        for one, total in zip(counts, totals, strict=True):
            self.terms.append((one, total))
        self.ceiling += max(totals)

    def plan(self) -> LotPlan:
        """Read the plan of the solution."""
        containers: list[ContainerLoad] = []
        for slot in self.slots:
            goods = [lot.consignment for lot in slot.lots if lot.used.solution_value() > 0.5]
            kind = slot.option.container_type
            if goods and kind is not None:
                containers.append(
                    ContainerLoad(
                        id=f"K-{len(containers) + 1}", container_type=kind.code, departure=slot.option.departure.id,
                        contents=tuple(whole(one) for one in goods), mass_g=sum(one.mass_g for one in goods),
                        volume_mm3=sum(one.volume_mm3 for one in goods),
                    )
                )  # fmt: skip
        loose: dict[Mode, list[LooseLot]] = {Mode.LCL: [], Mode.POSTAL: []}
        for lot in self.lots:
            if lot.slot is None and lot.used.solution_value() > 0.5:
                one = lot.consignment
                loose[lot.option.mode].append(
                    LooseLot(
                        departure=lot.option.departure.id, part=whole(one), mass_g=one.mass_g, volume_mm3=one.volume_mm3
                    )
                )
        return LotPlan(
            containers=tuple(containers), lcl=tuple(loose[Mode.LCL]), postal=tuple(loose[Mode.POSTAL]),
            unplanned=tuple(name for name, left in self.left.items() if left.solution_value() > 0.5),
        )  # fmt: skip
