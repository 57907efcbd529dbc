"""Judge of what a plan itself says about its shares: direct parts, weights by measure, who pays by Incoterm."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction

from consortium.formats.allocation_json import AllocationDocument
from consortium.rule_checks import broken
from optimizer.allocation.covering import (
    CoveredLine,
    by_consignment,
    covered_lines,
    seller_pays,
    split_line,
    travelling_lots,
)
from optimizer.certificate_rules import whole_units
from optimizer.problem import MEASURING_KEYS, AllocationKey, ConsolidationProblem
from optimizer.result import ShipmentPlan, Violation


def check_direct_parts(
    claims: AllocationDocument, problem: ConsolidationProblem, plan: ShipmentPlan
) -> Iterator[Violation]:
    """List direct parts, weights and parts of buyers that are not what a checked plan gives.

    Parameters
    ----------
    claims
        Shares with a certificate that could be read.
    problem, plan
        Without violations.
    """
    part = claims.certificate["optimised"]
    counted = _Counted(problem, plan, str(claims.certificate.get("tie_key", "")))
    members = set(claims.shares_minor)
    if not counted.members <= members:
        yield broken("allocation_members", "plan", ", ".join(sorted(members)), ", ".join(sorted(counted.members)))
        return
    for member in claims.shares_minor:
        if part["direct_minor"][member] != counted.direct[member]:
            yield broken("direct_part", member, part["direct_minor"][member], counted.direct[member])
        if part["caused_minor"].get(member, 0) != counted.caused[member]:
            yield broken("caused_part", member, part["caused_minor"].get(member, 0), counted.caused[member])
        buyers = counted.buyers(member, part["shares_minor"][member])
        if claims.buyers_pay_minor.get(member) != buyers:
            yield broken("buyers_part", member, claims.buyers_pay_minor.get(member), buyers)
    yield from _weights(claims, counted)


def _weights(claims: AllocationDocument, counted: "_Counted") -> Iterator[Violation]:
    key = claims.method.removeprefix("proportional_")
    if claims.method == "equal":
        found = {member: Fraction(member in counted.members) for member in claims.shares_minor}
    elif key in MEASURING_KEYS and key != claims.method:
        found = {member: counted.measure(member, AllocationKey(key)) for member in claims.shares_minor}
    else:
        return
    stated = {member: Fraction(weight) for member, weight in claims.certificate["weights"].items()}
    for member, weight in found.items():
        if stated.get(member) != weight:
            yield broken("weight", member, stated.get(member), weight)


class _Counted:
    """A plan's charge lines once more, member by member."""

    def __init__(self, problem: ConsolidationProblem, plan: ShipmentPlan, tie_key: str) -> None:
        self.problem, self.tie_key = problem, tie_key
        self.lots = travelling_lots(problem, plan)
        self.members = {lot.consignment.member for lot in self.lots}
        self.direct: Counter[str] = Counter()
        self.caused: Counter[str] = Counter()
        self._buyers: Counter[str] = Counter()
        self._sides: defaultdict[str, dict[str, Fraction]] = defaultdict(
            lambda: {"member": Fraction(0), "buyers": Fraction(0)}
        )
        for covered in covered_lines(problem, plan, self.lots):
            if covered.charge.allocation_key is AllocationKey.OPTIMISED:
                self._shared(covered)
            else:
                self._own(covered)
        for delay in plan.delay_costs:
            self._sides[problem.consignment[delay.consignment].member]["member"] += delay.amount_minor

    def measure(self, member: str, key: AllocationKey) -> Fraction:
        """Return a measure of all goods of a member that travel."""
        own = [lot for lot in self.lots if lot.consignment.member == member]
        return sum(by_consignment(own, key).values(), start=Fraction(0))

    def buyers(self, member: str, optimised_minor: int) -> int:
        """Return what a member's buyers pay: their direct lines, and their side of its optimised part."""
        sides = self._sides[member]
        whole = sum(sides.values())
        exact = {
            one: optimised_minor * (side / whole if whole else int(one == "member")) for one, side in sides.items()
        }
        rounded = whole_units(exact, optimised_minor, tie_key=f"{self.tie_key}|{member}")
        return self._buyers[member] + rounded["buyers"]

    def _own(self, covered: CoveredLine) -> None:
        for name, amount in split_line(self.problem, covered, tie_key=self.tie_key).items():
            consignment = self.problem.consignment[name]
            self.direct[consignment.member] += amount
            if covered.charge.allocation_key is AllocationKey.DIRECT:
                self.caused[consignment.member] += amount
            if not seller_pays(consignment, covered.charge):
                self._buyers[consignment.member] += amount

    def _shared(self, covered: CoveredLine) -> None:
        weights = by_consignment(covered.lots, AllocationKey.FREIGHT_TONNE)
        whole = sum(weights.values())
        for name, weight in weights.items():
            consignment = self.problem.consignment[name]
            side = "member" if seller_pays(consignment, covered.charge) else "buyers"
            self._sides[consignment.member][side] += covered.line.amount_minor * weight / whole
