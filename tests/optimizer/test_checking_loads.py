"""The judge of answers to load problems: every number recounted, every package in one place."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer.checking_loads import centre_of_gravity_permille, check_loads
from optimizer.load_problem import LoadPackage, LoadProblem, Objective, Owners, Pinned
from optimizer.load_result import Balance, LoadAnswer, StaysOut, Unloaded
from optimizer.problem import ProblemError
from optimizer.result import SolveStatus
from tests.optimizer.loads import answer, container, package, problem, put

CUBE = package("cube", quantity=3)
SMALL = package("small", (1, 1, 1), 2, cargo_class="food")
ROW = (put(CUBE, 0, 0, 0, 1), put(CUBE, 200, 0, 0, 2), put(CUBE, 400, 0, 0, 3))


def rules(one: LoadProblem, found: LoadAnswer) -> set[str]:
    return {violation.rule for violation in check_loads(one, found)}


def with_load(found: LoadAnswer, **changes: Any) -> LoadAnswer:
    return replace(found, loads=(replace(found.loads[0], **changes), *found.loads[1:]))


def left(kind: LoadPackage, quantity: int = 1, reason: StaysOut = StaysOut.TIME_LIMIT) -> Unloaded:
    return Unloaded(package=kind.id, quantity=quantity, reason=reason)


@pytest.fixture
def three() -> LoadProblem:
    return problem(CUBE)


@pytest.fixture
def right(three: LoadProblem) -> LoadAnswer:
    return answer(three, ROW)


def test_a_right_answer_has_no_violations(three: LoadProblem, right: LoadAnswer) -> None:
    assert check_loads(three, right) == ()


def test_an_answer_in_several_containers_is_judged_container_by_container(three: LoadProblem) -> None:
    split = answer(three, ROW[:2], [put(CUBE, 0, 0, 0)])
    assert check_loads(three, split) == ()
    broken = answer(three, ROW[:2], [put(CUBE, 0, 0, 1)])
    assert {one.subject for one in check_loads(three, broken)} == {"loads[1] BOX: cube step 1"}


def test_every_package_is_loaded_or_unloaded_exactly_once(three: LoadProblem) -> None:
    assert rules(three, answer(three, ROW[:2], unloaded=[left(CUBE)])) == set()
    assert rules(three, answer(three, ROW[:2])) == {"package_places"}
    assert rules(three, answer(three, ROW, unloaded=[left(CUBE)])) == {"package_places"}
    assert rules(three, answer(three, ROW, unloaded=[left(CUBE, 0)])) == {"quantity"}
    assert rules(three, answer(three, (*ROW, put(CUBE, 600, 0, 0, 4)))) == {"package_places"}


def test_unknown_packages_and_containers_are_violations_and_never_errors(three: LoadProblem, right: LoadAnswer) -> None:
    strange = put(package("strange"), 600, 0, 0, 4)
    found = with_load(right, placements=(*ROW, strange))
    assert "unknown_package" in rules(three, found)
    assert rules(three, replace(right, unloaded=(left(package("strange")),))) == {"unknown_package"}
    assert rules(three, with_load(right, container="BARGE")) == {"unknown_container"}


def test_packages_of_two_consignments_are_told_apart() -> None:
    mine, theirs = package("P", consignment="C-1"), package("P", consignment="C-2")
    both = problem(mine, theirs)
    assert check_loads(both, answer(both, [put(mine, 0, 0, 0, 1), put(theirs, 200, 0, 0, 2)])) == ()
    assert rules(both, answer(both, [put(mine, 0, 0, 0, 1), put(mine, 200, 0, 0, 2)])) == {"package_places"}


def test_no_more_containers_are_used_than_there_are(three: LoadProblem) -> None:
    split = answer(three, ROW[:2], [put(CUBE, 0, 0, 0)])
    assert rules(replace(three, containers=(container(count=2),)), split) == set()
    assert rules(replace(three, containers=(container(count=1),)), split) == {"container_limit"}


def test_the_objective_volume_fills_one_container(three: LoadProblem) -> None:
    filling = replace(three, objective=Objective.VOLUME)
    assert rules(filling, answer(three, ROW)) == set()
    assert rules(filling, answer(three, ROW[:2], [put(CUBE, 0, 0, 0)])) == {"container_limit"}


def test_an_empty_container_is_not_used(three: LoadProblem) -> None:
    assert rules(three, answer(three, ROW, ())) == {"empty_container"}


def test_fill_mass_and_centre_of_gravity_are_recounted(three: LoadProblem, right: LoadAnswer) -> None:
    # Three cubes of 8 dm3 in 160 dm3: 150 permille. Their middle is at 300 of 1000 mm, 100 of 400, 100 of 400.
    held = right.loads[0]
    assert (held.fill_permille, held.mass_g, held.centre_of_gravity_permille) == (150, 3000, (300, 250, 250))
    assert rules(three, with_load(right, fill_permille=151)) == {"fill_stated"}
    assert rules(three, with_load(right, mass_g=3001)) == {"mass_stated"}
    assert rules(three, with_load(right, centre_of_gravity_permille=(300, 250, 251))) == {"centre_of_gravity_stated"}


def test_the_centre_of_gravity_weighs_every_package_by_its_mass() -> None:
    light, heavy = package("light", mass_g=1), package("heavy", mass_g=3)
    standing = [(put(light, 0, 0, 0), light), (put(heavy, 800, 200, 0), heavy)]
    # Along: (1 x 100 + 3 x 900) / 4 = 700 of 1000 mm; across: (100 + 3 x 300) / 4 = 250 of 400 mm.
    assert centre_of_gravity_permille(container(), standing) == (700, 625, 250)


def test_halves_of_a_permille_are_rounded_up_and_nothing_weighs_nothing() -> None:
    kind = package("one", (1, 1, 1))
    assert centre_of_gravity_permille(container(length_mm=400), [(put(kind, 0, 0, 0), kind)]) == (125, 125, 125)
    assert centre_of_gravity_permille(container(length_mm=800), [(put(kind, 0, 0, 0), kind)]) == (63, 125, 125)
    assert centre_of_gravity_permille(container(), [(put(kind, 0, 0, 0), replace(kind, mass_g=0))]) == (500, 500, 0)
    assert centre_of_gravity_permille(container(), []) == (500, 500, 0)


@pytest.mark.parametrize(
    ("centre", "balance"),
    [
        ((450, 550, 499), Balance.GOOD),
        ((449, 500, 100), Balance.ACCEPTABLE),
        ((500, 600, 100), Balance.ACCEPTABLE),
        ((500, 601, 100), Balance.OUTSIDE),
        ((399, 500, 100), Balance.OUTSIDE),
        ((500, 500, 500), Balance.OUTSIDE),
    ],
)
def test_the_balance_is_that_of_the_ctu_code(centre: tuple[int, int, int], balance: Balance, right: LoadAnswer) -> None:
    assert with_load(right, centre_of_gravity_permille=centre).loads[0].balance is balance


def test_the_payload_bounds_the_mass(three: LoadProblem, right: LoadAnswer) -> None:
    assert rules(replace(three, containers=(container(payload_g=3000),)), right) == set()
    assert rules(replace(three, containers=(container(payload_g=2999),)), right) == {"payload"}


def test_cargo_classes_go_where_they_may_and_not_beside_what_they_may_not_meet() -> None:
    dry = replace(CUBE, cargo_class="dry", quantity=1)
    mixed = problem(dry, SMALL, containers=(container(cargo_classes=frozenset({"dry", "food"})),))
    held = [put(dry, 0, 0, 0, 1), put(SMALL, 200, 0, 0, 2), put(SMALL, 300, 0, 0, 3)]
    assert check_loads(mixed, answer(mixed, held)) == ()
    only_dry = replace(mixed, containers=(container(cargo_classes=frozenset({"dry"})),))
    assert rules(only_dry, answer(mixed, held)) == {"cargo_class"}
    apart = replace(mixed, incompatible_classes=frozenset({frozenset({"dry", "food"})}))
    assert rules(apart, answer(mixed, held)) == {"incompatible_classes"}
    again = [replace(one, step=one.step - 1) for one in held[1:]]
    assert check_loads(apart, answer(mixed, held[:1], again)) == ()


def test_the_rules_of_space_hold_under_the_policy_that_the_answer_names(three: LoadProblem) -> None:
    hanging = (put(CUBE, 0, 0, 0, 1), put(CUBE, 50, 0, 200, 2), put(CUBE, 250, 0, 0, 3))
    partly = replace(three, support_permille=750)
    assert rules(partly, answer(three, hanging, support="partial:750")) == set()
    assert rules(partly, answer(three, hanging, support="partial:751")) == {"placed_support"}
    assert rules(three, answer(three, hanging)) == {"placed_support"}


def test_an_answer_does_not_name_a_weaker_policy_than_was_asked_for(three: LoadProblem, right: LoadAnswer) -> None:
    assert rules(three, replace(right, support="partial:999")) == {"support_policy"}
    assert rules(three, replace(right, support="mostly")) == {"support_policy"}
    assert rules(replace(three, support_permille=0), right) == set()


def test_strict_owners_of_the_problem_are_kept_apart() -> None:
    mine, theirs = package("mine", owner="andina"), package("theirs", owner="bolivar")
    both = problem(mine, theirs)
    found = answer(both, [put(mine, 0, 0, 0, 1), put(theirs, 0, 200, 0, 2)])
    assert rules(both, found) == set()
    assert rules(replace(both, owners=Owners.STRICT), found) == {"placed_owner"}


def test_what_was_pinned_stays_where_it_is(three: LoadProblem) -> None:
    pinned = replace(three, pinned=(Pinned(container="BOX", placements=ROW[1:2]),))
    assert rules(pinned, answer(three, ROW)) == set()
    elsewhere = (ROW[0], put(CUBE, 600, 0, 0, 2), put(CUBE, 800, 0, 0, 3))
    (found,) = check_loads(pinned, answer(three, elsewhere))
    assert (found.rule, found.subject, found.claimed) == ("pinned", "pinned[0]: cube", "not there")


def test_the_steps_of_what_was_pinned_may_change(three: LoadProblem) -> None:
    pinned = replace(three, pinned=(Pinned(container="BOX", placements=(put(CUBE, 400, 0, 0, 1),)),))
    assert rules(pinned, answer(three, ROW)) == set()


def test_what_is_loaded_already_comes_before_all_else(three: LoadProblem) -> None:
    for placement in ROW:
        pin = Pinned(container="BOX", placements=(placement,), loaded=True)
        found = check_loads(replace(three, pinned=(pin,)), answer(three, ROW))
        assert {one.rule for one in found} == ({"pinned_step"} if placement.step > 1 else set())


def test_what_was_pinned_twice_at_one_place_needs_two_packages(three: LoadProblem) -> None:
    twice = (Pinned(container="BOX", placements=(ROW[0], ROW[0])),)
    assert rules(replace(three, pinned=twice), answer(three, ROW)) == {"pinned"}


def test_pinned_containers_keep_their_positions(three: LoadProblem) -> None:
    two = replace(three, containers=(container(), container(code="OTHER")))
    pins = (Pinned(container="BOX", position=1, placements=(put(CUBE, 0, 0, 0),)),)
    kept = replace(two, pinned=pins)
    assert rules(kept, answer(two, ROW[:2], [put(CUBE, 0, 0, 0)])) == set()
    assert rules(kept, answer(two, ROW)) == {"pinned"}
    other = with_load(answer(two, ROW[:2], [put(CUBE, 0, 0, 0)]), container="OTHER")
    assert rules(kept, replace(other, loads=other.loads[::-1])) == {"pinned"}


def test_reasons_that_an_empty_container_refutes_are_named(three: LoadProblem) -> None:
    def said(one: LoadProblem, reason: StaysOut) -> set[str]:
        return rules(one, answer(one, ROW[:2], unloaded=[left(CUBE, reason=reason)]))

    for reason in (StaysOut.TOO_LARGE, StaysOut.TOO_HEAVY, StaysOut.CARGO_CLASS):
        assert said(three, reason) == {"unloaded_reason"}
    for reason in (StaysOut.NO_ROOM, StaysOut.NO_CONTAINER_LEFT):
        assert said(three, reason) == {"unloaded_could_travel"}
        assert said(replace(three, containers=(container(count=1),)), reason) == set()
        assert said(replace(three, objective=Objective.VOLUME), reason) == set()
    assert said(three, StaysOut.TIME_LIMIT) == set()


@pytest.mark.parametrize(
    ("reason", "limits"),
    [
        (StaysOut.TOO_LARGE, {"door_height_mm": 199}),
        (StaysOut.TOO_LARGE, {"load_line_mm": 199}),
        (StaysOut.TOO_HEAVY, {"payload_g": 999}),
        (StaysOut.TOO_HEAVY, {"line_load_g_per_m": 4_999}),
        (StaysOut.CARGO_CLASS, {"cargo_classes": frozenset({"food"})}),
    ],
)
def test_reasons_that_hold_are_believed(reason: StaysOut, limits: dict[str, Any]) -> None:
    one = problem(CUBE, containers=(container(**limits),))
    assert rules(one, answer(one, unloaded=[left(CUBE, 3, reason)], status=SolveStatus.INFEASIBLE)) == set()


def test_bound_and_status_do_not_contradict_the_containers_used(three: LoadProblem, right: LoadAnswer) -> None:
    assert rules(three, replace(right, lower_bound=1)) == set()
    assert rules(three, replace(right, lower_bound=1, status=SolveStatus.OPTIMAL)) == set()
    assert rules(three, replace(right, lower_bound=2)) == {"bound"}
    assert rules(three, replace(right, status=SolveStatus.OPTIMAL)) == {"status"}
    assert rules(three, replace(right, status=SolveStatus.UNKNOWN)) == {"status"}
    late = answer(three, ROW[:2], unloaded=[left(CUBE)], lower_bound=1, status=SolveStatus.OPTIMAL)
    assert rules(three, late) == {"status"}


def test_the_value_of_the_objective_is_the_cost_or_what_stays_out(three: LoadProblem) -> None:
    dear = replace(three, objective=Objective.COST, containers=(container(cost_minor=700),))
    proven = answer(three, ROW, lower_bound=700, status=SolveStatus.OPTIMAL)
    assert rules(dear, proven) == set()
    assert rules(dear, replace(proven, lower_bound=701)) == {"bound", "status"}
    filling = replace(three, objective=Objective.VOLUME)
    out = answer(three, ROW[:1], unloaded=[left(CUBE, 2, StaysOut.NO_ROOM)], status=SolveStatus.OPTIMAL)
    assert rules(filling, replace(out, lower_bound=16_000_000)) == set()
    assert rules(filling, replace(out, lower_bound=15_999_999)) == {"status"}
    valued = replace(filling, packages=(replace(CUBE, value=5),))
    assert rules(valued, replace(out, lower_bound=10)) == set()


def test_nothing_loaded_is_no_answer(three: LoadProblem) -> None:
    nothing = answer(three, unloaded=[left(CUBE, 3)])
    assert rules(three, nothing) == {"status"}
    assert rules(three, replace(nothing, status=SolveStatus.UNKNOWN)) == set()
    empty = problem()
    assert rules(empty, answer(empty, status=SolveStatus.OPTIMAL)) == set()
    assert rules(empty, answer(empty, status=SolveStatus.INFEASIBLE)) == {"status"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"containers": ()}, "containers"),
        ({"containers": (container(), container())}, "containers[1].code"),
        ({"containers": (container(count=0),)}, "containers[0].count"),
        ({"packages": (CUBE, CUBE)}, "packages[1].id"),
        ({"packages": (replace(CUBE, stop=0),)}, "packages[0].stop"),
        ({"packages": (replace(CUBE, vertical=()),)}, "packages[0].vertical"),
        ({"support_permille": 1001}, "support"),
        ({"pinned": (Pinned(container="BARGE"),)}, "pinned[0].container"),
        ({"pinned": (Pinned(container="BOX", position=-1),)}, "pinned[0].position"),
        ({"pinned": (Pinned(container="BOX", placements=(put(SMALL, 0, 0, 0),)),)}, "pinned[0].placements[0].package"),
    ],
)
def test_a_load_problem_that_cannot_be_is_refused_with_the_place(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(ProblemError) as caught:
        replace(problem(CUBE), **changes)
    assert [fault.path for fault in caught.value.faults] == [path]
