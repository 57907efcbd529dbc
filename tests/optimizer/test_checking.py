from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from optimizer.checking import check_plan
from optimizer.problem import ConsolidationProblem, LclRounding, Mode, Owners
from optimizer.result import (
    ChargeLine,
    ContainerLoad,
    DelayCost,
    LoadPlan,
    LooseLot,
    Part,
    Placement,
    Reason,
    ShipmentPlan,
    SolveStatus,
    Unplanned,
)
from tests import builders
from tests.optimizer.plans import load, loose, priced, random_plan


def rules(problem: ConsolidationProblem, plan: ShipmentPlan) -> set[str]:
    return {violation.rule for violation in check_plan(problem, plan)}


@pytest.fixture
def problem() -> ConsolidationProblem:
    """Two members share a 20', a third goes LCL, a fourth by post."""
    goods = [
        builders.consignment(
            "C-1", "andina", packages=[builders.package("P1", 4), builders.package("P2", 2)], divisible=True
        ),
        builders.consignment("C-2", "bolivar", litres=9_000, cargo_class="food", value_minor=1_000_000),
        builders.consignment("C-3", "caribe", litres=2_500, kg=700, value_minor=500_000, delay_cost_ppm_per_day=1_000),
        builders.consignment("C-4", "dorado", litres=40, kg=9, packages=[builders.package("P1", 1, litres=40, kg=9)]),
    ]
    dry = frozenset({"dry", "food", "chemical"})
    return builders.problem(
        goods,
        [
            builders.charge("OFR", "container", 150_000, modes=["fcl"]),
            builders.charge("LCL", "freight_tonne", 8_500, modes=["lcl"]),
            builders.charge("POST", "package", 4_000, modes=["postal"]),
            builders.charge("BL", "bill_of_lading", 6_000),
            builders.charge("INS", "value", rate_ppm=3_000, minimum_minor=1_000),
            builders.charge("DOC", "member", steps={0: 900, 3: 700}),
        ],
        container_types=[builders.container_20(cargo_classes=dry), builders.container_40hc(cargo_classes=dry)],
        departures=[builders.departure(), builders.departure("S-2", days=20, container_limits={"22G1": 0})],
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}),
    )


@pytest.fixture
def plan(problem: ConsolidationProblem) -> ShipmentPlan:
    return priced(
        problem,
        [load(problem, "K-1", "22G1", "S-1", ["C-1", "C-2"])],
        [loose(problem, "S-1", "C-3")],
        [loose(problem, "S-1", "C-4")],
    )


def container(plan: ShipmentPlan, **changes: Any) -> ShipmentPlan:
    return replace(plan, containers=(replace(plan.containers[0], **changes),))


def test_a_correct_plan_has_no_violations(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    assert check_plan(problem, plan) == ()
    # 150 000 + 2.5 x 8 500 + 4 000 + 3 bills + insurance of 1000, 3000, 1500, 1000 + 4 documents at 700
    # + delay of 500 000 x 1 000 ppm x 11 days
    expected = 150_000 + 21_250 + 4_000 + 18_000 + 1_000 + 3_000 + 1_500 + 1_000 + 2_800 + 5_500
    assert plan.cost_minor == expected


def test_the_order_of_lines_does_not_matter(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    assert check_plan(problem, replace(plan, charges=plan.charges[::-1])) == ()


def test_lines_of_nothing_may_be_stated_or_left_out(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    problem = replace(problem, charges=(*problem.charges, builders.charge("FREE", "departure", 0)))
    stated = ChargeLine(code="FREE", departure="S-1", units="1", amount_minor=0)
    assert check_plan(problem, plan) == ()
    assert check_plan(problem, replace(plan, charges=(*plan.charges, stated))) == ()


@pytest.mark.parametrize("seed", range(25))
def test_the_judge_and_the_pricing_agree_on_random_plans(seed: int) -> None:
    found = False
    for index in range(5):
        problem = builders.random_problem(1000 * seed + index, limits=False, lanes=1 + seed % 2, classes=1 + seed % 3)
        plan = random_plan(problem, index)
        if plan is not None:
            found = True
            assert check_plan(problem, plan) == ()
    assert found


@pytest.mark.parametrize("seed", range(20))
def test_no_line_of_a_random_plan_can_be_altered_unnoticed(seed: int) -> None:
    plans = ((one, random_plan(one, seed)) for one in (builders.random_problem(seed + 50 * k) for k in range(9)))
    problem, plan = next((one, found) for one, found in plans if found is not None)
    for index, line in enumerate(plan.charges):
        rest = plan.charges[:index] + plan.charges[index + 1 :]
        assert "charge_missing" in rules(problem, replace(plan, charges=rest))
        assert "charge_extra" in rules(problem, replace(plan, charges=(*plan.charges, line)))
        dearer = replace(line, amount_minor=line.amount_minor + 1)
        assert "charge_amount" in rules(problem, replace(plan, charges=(*rest, dearer)))
        more = replace(line, units=f"{line.units}1")
        assert "charge_units" in rules(problem, replace(plan, charges=(*rest, more)))


def test_a_dropped_package_is_missed(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    parts = (Part(consignment="C-1", packages={"P1": 3, "P2": 2}), plan.containers[0].contents[1])
    found = check_plan(problem, container(plan, contents=parts))
    assert next(one for one in found if one.rule == "package_places").subject == "C-1: P1"
    assert {"package_places", "volume_stated", "mass_stated"} <= {one.rule for one in found}
    assert "claimed 3 packages" in str(next(one for one in found if one.rule == "package_places"))


def test_a_package_in_two_places_is_seen(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    twice = loose(problem, "S-1", Part(consignment="C-1", packages={"P2": 1}))
    assert "package_places" in rules(problem, replace(plan, lcl=(*plan.lcl, twice)))


def test_a_consignment_without_packages_is_in_one_place(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    assert {"consignment_places"} <= rules(problem, replace(plan, lcl=()))
    twice = rules(problem, replace(plan, lcl=plan.lcl * 2))
    assert {"consignment_places", "indivisible"} <= twice


def test_what_may_not_be_split_stays_together(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    whole = replace(problem.consignments[0], divisible=False)
    strict = replace(problem, consignments=(whole, *problem.consignments[1:]))
    parts = (Part(consignment="C-1", packages={"P1": 4}), plan.containers[0].contents[1])
    rest = loose(problem, "S-1", Part(consignment="C-1", packages={"P2": 2}))
    apart = priced(problem, [load(problem, "K-1", "22G1", "S-1", parts)], [*plan.lcl, rest], plan.postal)
    assert check_plan(problem, apart) == ()
    assert rules(strict, apart) == {"indivisible"}


def test_parts_of_one_consignment_in_one_container_are_one_lot(
    problem: ConsolidationProblem, plan: ShipmentPlan
) -> None:
    parts = (
        Part(consignment="C-1", packages={"P1": 4}),
        Part(consignment="C-1", packages={"P2": 2}),
        plan.containers[0].contents[1],
    )
    assert "repeated_part" in rules(problem, container(plan, contents=parts))


def test_a_quantity_of_nothing_is_refused(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    for packages in ({"P1": 4, "P2": 2, "P3": 1}, {"P1": 5, "P2": 2, "P9": -1}, {"P1": 4, "P2": 0}, {}):
        parts = (Part(consignment="C-1", packages=packages), plan.containers[0].contents[1])
        assert rules(problem, container(plan, contents=parts)) & {"unknown_package", "quantity"}


def test_unplanned_packages_count_as_placed(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    behind = Unplanned(consignment="C-1", reason=Reason.TIME_LIMIT, packages={"P1": 1})
    parts = (Part(consignment="C-1", packages={"P1": 3, "P2": 2}), plan.containers[0].contents[1])
    partly = priced(problem, [load(problem, "K-1", "22G1", "S-1", parts)], plan.lcl, plan.postal, [behind])
    assert check_plan(problem, partly) == ()


def test_unknown_ids_are_violations_and_never_errors(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    stranger = Part(consignment="C-99", packages={"P1": 1})
    lot = LooseLot(departure="S-9", part=stranger, mass_g=0, volume_mm3=0)
    broken = replace(
        plan,
        containers=(
            replace(plan.containers[0], container_type="99X9"),
            ContainerLoad(id="K-1", container_type="22G1", departure="S-9", contents=(), mass_g=0, volume_mm3=0),
        ),
        lcl=(lot,),
        unplanned=(Unplanned(consignment="C-98", reason=Reason.NO_MODE),),
        charges=(ChargeLine(code="?", departure="S-9", units="one", amount_minor=7),),
        delay_costs=(DelayCost(consignment="C-97", departure="S-9", days=1, amount_minor=3),),
    )
    expected = {"unknown_consignment", "unknown_departure", "unknown_container_type", "duplicate_container"}
    assert expected | {"empty_container", "charge_extra", "delay_extra", "cost"} <= rules(problem, broken)
    subjects = {one.claimed for one in check_plan(problem, broken)}
    assert {"C-99", "C-98", "S-9", "99X9"} <= subjects


def test_lane_dates_and_modes_are_kept(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    def with_third(**changes: Any) -> ConsolidationProblem:
        goods = problem.consignments
        return replace(problem, consignments=(*goods[:2], replace(goods[2], **changes), goods[3]))

    assert "lane" in rules(with_third(destination=builders.ELSEWHERE), plan)
    assert "cut_off" in rules(with_third(ready_date=date(2026, 3, 10)), plan)
    assert "due_date" in rules(with_third(due_date=date(2026, 4, 1)), plan)
    assert "due_date" not in rules(with_third(due_date=date(2026, 4, 2)), plan)
    late = replace(with_third(due_date=date(2026, 4, 1)), settings=builders.settings(missed_due_date="allowed"))
    assert "due_date" not in rules(late, plan)
    assert rules(replace(problem, settings=builders.settings(Mode.FCL, Mode.POSTAL)), plan) == {"mode"}


def test_container_limits_are_kept(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    def with_types(**changes: Any) -> ConsolidationProblem:
        return replace(
            problem, container_types=(replace(problem.container_types[0], **changes), builders.container_40hc())
        )

    assert rules(with_types(usable_volume_permille=451), plan) == {"volume_limit"}
    assert rules(with_types(payload_g=2_599_999), plan) == {"payload"}
    assert "cargo_class" in rules(with_types(cargo_classes=frozenset({"dry"})), plan)
    later = load(problem, "K-1", "22G1", "S-2", ["C-1", "C-2"])
    assert rules(problem, priced(problem, [later], plan.lcl, plan.postal)) == {"container_limit"}


def test_goods_are_kept_from_what_they_may_not_share(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    first = replace(problem.consignments[0], cargo_class="chemical")
    chemical = replace(problem, consignments=(first, *problem.consignments[1:]))
    assert rules(chemical, plan) == {"incompatible_classes"}
    confined = replace(problem.consignments[0], contained_in=frozenset({"45G1"}))
    assert rules(replace(problem, consignments=(confined, *problem.consignments[1:])), plan) == {"contained_in"}


def test_a_package_that_cannot_pass_the_door_is_seen() -> None:
    tall = builders.package("P1", 1, litres=2_600, vertical=("height",))
    problem = builders.problem([builders.consignment("C-1", "andina", packages=[tall])])
    plan = priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-1"])])
    assert rules(problem, plan) == {"package_fit"}


def test_stated_totals_are_recounted(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    held = plan.containers[0]
    assert rules(problem, container(plan, mass_g=held.mass_g + 1)) == {"mass_stated"}
    assert rules(problem, container(plan, volume_mm3=0)) == {"volume_stated"}
    assert rules(problem, replace(plan, lcl=(replace(plan.lcl[0], mass_g=1),))) == {"mass_stated"}


def test_every_wrong_number_is_named_with_both_values(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    lines = [replace(one, amount_minor=8_000) if one.code == "LCL" else one for one in plan.charges]
    (found,) = check_plan(problem, replace(plan, charges=tuple(lines)))
    assert (found.rule, found.claimed, found.found) == ("charge_amount", "8000", "21250")
    days = replace(plan.delay_costs[0], days=12, amount_minor=6_000)
    assert rules(problem, replace(plan, delay_costs=(days,))) == {"delay_days", "delay_amount"}
    assert rules(problem, replace(plan, delay_costs=())) == {"delay_missing"}
    assert rules(problem, replace(plan, cost_minor=plan.cost_minor - 1)) == {"cost"}


def test_lcl_units_are_rounded_up_where_settings_say_so(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    up = replace(problem, settings=builders.settings(lcl_rounding=LclRounding.UP))
    found = {one.rule: one for one in check_plan(up, plan)}
    assert set(found) == {"charge_units", "charge_amount", "cost"}
    assert (found["charge_units"].claimed, found["charge_units"].found) == ("5/2", "3")
    assert (found["charge_amount"].claimed, found["charge_amount"].found) == ("21250", "25500")


def test_bound_and_status_do_not_contradict_the_cost(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    assert rules(problem, replace(plan, lower_bound_minor=plan.cost_minor + 1)) == {"bound"}
    assert rules(problem, replace(plan, status=SolveStatus.OPTIMAL)) == {"status"}
    proven = replace(plan, status=SolveStatus.OPTIMAL, lower_bound_minor=plan.cost_minor)
    assert check_plan(problem, proven) == ()
    assert rules(problem, replace(plan, status=SolveStatus.INFEASIBLE)) == {"status"}
    assert rules(problem, replace(plan, status=SolveStatus.UNKNOWN)) == {"status"}
    left = [Unplanned(consignment=one.id, reason=Reason.TIME_LIMIT) for one in problem.consignments]
    assert rules(problem, priced(problem, unplanned=left)) == {"status"}
    assert check_plan(problem, priced(problem, unplanned=left, status=SolveStatus.UNKNOWN)) == ()


def test_reasons_that_the_calendar_refutes_are_named(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    def without_third(problem: ConsolidationProblem, reason: Reason) -> set[str]:
        unplanned = [Unplanned(consignment="C-3", reason=reason)]
        return rules(problem, priced(problem, plan.containers, (), plan.postal, unplanned))

    for reason in (Reason.NO_DEPARTURE_ON_LANE, Reason.NO_DEPARTURE_AFTER_READY, Reason.NO_DEPARTURE_BEFORE_DUE):
        assert without_third(problem, reason) == {"unplanned_reason"}
    assert without_third(problem, Reason.CONTAINER_LIMITS) == {"unplanned_could_travel"}
    assert without_third(problem, Reason.TIME_LIMIT) == set()
    hurried = replace(problem.consignments[2], due_date=date(2026, 3, 20))
    late = replace(problem, consignments=(*problem.consignments[:2], hurried, problem.consignments[3]))
    assert without_third(late, Reason.NO_DEPARTURE_BEFORE_DUE) == set()
    assert without_third(late, Reason.NO_DEPARTURE_ON_LANE) == {"unplanned_reason"}


def test_an_empty_problem_has_an_empty_plan() -> None:
    problem = builders.problem()
    assert check_plan(problem, priced(problem, status=SolveStatus.OPTIMAL)) == ()
    assert rules(problem, priced(problem, status=SolveStatus.INFEASIBLE)) == {"status"}


class TestPlacements:
    problem = builders.problem(
        [builders.consignment("C-1", "andina", packages=[builders.package("P1", 2, litres=800)])]
    )

    def plan(self, *boxes: tuple[int, ...]) -> ShipmentPlan:
        placements = tuple(
            Placement(package="P1", consignment="C-1", step=step, **dict(zip(KEYS, box, strict=True)))
            for step, box in enumerate(boxes, start=1)
        )
        held = load(self.problem, "K-1", "22G1", "S-1", ["C-1"])
        return priced(self.problem, [replace(held, load_plan=LoadPlan(support="full", placements=placements))])

    def test_two_packages_side_by_side_are_right(self) -> None:
        assert rules(self.problem, self.plan((0, 0, 0, 1000, 1000, 800), (1000, 0, 0, 800, 1000, 1000))) == set()

    def test_a_load_plan_lifts_the_usable_share_of_the_volume(self) -> None:
        small = builders.container_20(usable_volume_permille=48)
        problem = replace(self.problem, container_types=(small, builders.container_40hc()))
        plan = self.plan((0, 0, 0, 1000, 1000, 800), (1000, 0, 0, 800, 1000, 1000))
        assert rules(problem, plan) == set()
        assert rules(problem, container(plan, load_plan=None)) == {"volume_limit"}

    def test_what_is_not_placed_is_missed(self) -> None:
        assert rules(self.problem, self.plan((0, 0, 0, 1000, 1000, 800))) == {"placed_packages"}

    def test_packages_do_not_overlap(self) -> None:
        assert rules(self.problem, self.plan((0, 0, 0, 1000, 1000, 800), (999, 0, 0, 1000, 1000, 800))) == {
            "placed_overlap"
        }

    def test_packages_stay_inside(self) -> None:
        assert rules(self.problem, self.plan((0, 0, 0, 1000, 1000, 800), (4899, 0, 0, 1000, 1000, 800))) == {
            "placed_inside"
        }
        assert rules(self.problem, self.plan((0, -1, 0, 1000, 1000, 800), (3000, 0, 0, 1000, 1000, 800))) == {
            "placed_inside"
        }

    def test_packages_keep_their_sizes_and_what_may_stand_upright(self) -> None:
        assert rules(self.problem, self.plan((0, 0, 0, 1000, 1000, 700), (1000, 0, 0, 1000, 1000, 800))) == {
            "placed_size"
        }
        upright = replace(self.problem.consignments[0].packages[0], vertical=("height",))
        one = replace(self.problem.consignments[0], packages=(upright,))
        problem = replace(self.problem, consignments=(one,))
        assert rules(problem, self.plan((0, 0, 0, 1000, 1000, 800), (1000, 0, 0, 800, 1000, 1000))) == {"placed_size"}

    def test_every_load_plan_is_judged_by_the_rules_of_space_under_the_policy_that_it_names(self) -> None:
        plan = self.plan((0, 0, 0, 1000, 1000, 800), (250, 0, 800, 1000, 1000, 800))
        assert rules(self.problem, plan) == {"placed_support"}
        partly = replace(self.problem, settings=replace(self.problem.settings, support_permille=750))
        (held,) = plan.containers
        policy = LoadPlan(support="partial:750", placements=held.load_plan.placements if held.load_plan else ())
        assert rules(partly, container(plan, load_plan=policy)) == set()
        assert rules(self.problem, container(plan, load_plan=policy)) == {"support_policy"}
        assert rules(self.problem, container(plan, load_plan=replace(policy, support="?"))) >= {"support_policy"}

    def test_load_line_and_line_load_of_the_container_type_bind(self) -> None:
        plan = self.plan((0, 0, 0, 1000, 1000, 800), (0, 0, 800, 1000, 1000, 800))

        def with_type(**changes: Any) -> ConsolidationProblem:
            return replace(self.problem, container_types=(builders.container_20(**changes), builders.container_40hc()))

        assert rules(with_type(load_line_mm=1600, line_load_g_per_m=200_000), plan) == set()
        assert rules(with_type(load_line_mm=1599), plan) == {"placed_inside"}
        assert rules(with_type(line_load_g_per_m=199_999), plan) == {"placed_line_load"}

    def test_members_are_the_owners_where_the_settings_are_strict(self) -> None:
        goods = [
            builders.consignment(name, name, packages=[builders.package("P", litres=800)]) for name in ("C-1", "C-2")
        ]
        problem = builders.problem(goods)
        corners = (("C-1", 0), ("C-2", 1000))
        placements = tuple(
            Placement(
                package="P",
                consignment=name,
                step=step,
                **dict(zip(KEYS, (0, y, 0, 1000, 1000, 800), strict=True)),
            )
            for step, (name, y) in enumerate(corners, start=1)
        )
        held = load(problem, "K-1", "22G1", "S-1", ["C-1", "C-2"])
        plan = priced(problem, [replace(held, load_plan=LoadPlan(support="full", placements=placements))])
        assert rules(problem, plan) == set()
        strict = replace(problem, settings=replace(problem.settings, owners=Owners.STRICT))
        assert rules(strict, plan) == {"placed_owner"}

    def test_a_package_too_high_for_the_load_line_fits_no_container(self) -> None:
        tall = builders.package("P1", 1, litres=2_100, vertical=("height",))
        assert tall.fits(builders.container_20())
        assert tall.fits(builders.container_20(load_line_mm=2_100))
        assert not tall.fits(builders.container_20(load_line_mm=2_099))


KEYS = ("x_mm", "y_mm", "z_mm", "dx_mm", "dy_mm", "dz_mm")
