"""What the loading benchmarks measure with is itself right: readers, generators, plans of rivals, the file of runs."""

import json
from dataclasses import asdict, replace
from math import prod
from pathlib import Path
from statistics import mean

import pytest

from benchmarks.load_generators import large_problem, mix_problem, multi_problem, rich_problem
from benchmarks.load_instances import BR_TYPES, br_problem, may_stand, read_thpack
from benchmarks.load_rivals import RIVALS, Standing, answer_of, loading_order, rival
from benchmarks.load_runs import Run, judge, read_runs, runs, tasks_for, with_support
from benchmarks.loading import best_known, numbers, with_mean
from optimizer.checking_loads import check_loads
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Owners

STORED = Path(__file__).parents[2] / "instances" / "loading"
CLASSES = (1, 3, 5, 7)


def offered(problem):
    return sum(one.volume_mm3 * one.quantity for one in problem.packages)


def inside(problem):
    return problem.containers[0].volume_mm3


def cube_problem(**more):
    """A container of 3 x 1 x 2 m and six cubes of 1 m, of which it holds six."""
    return LoadProblem(
        objective=Objective.VOLUME,
        containers=(LoadContainer(code="C", length_mm=3000, width_mm=1000, height_mm=2000),),
        packages=(LoadPackage(id="a", length_mm=1000, width_mm=1000, height_mm=1000, quantity=6, mass_g=1000),),
        **more,
    )


def cubes(problem, *places):
    return [Standing(problem.packages[0], x, 0, z, 1000, 1000, 1000) for x, z in places]


def test_the_first_published_problem_is_read_in_mm():
    problem = read_thpack(STORED / "thpack1.txt")[1]
    box, kinds = problem.containers[0], problem.packages
    assert (box.length_mm, box.width_mm, box.height_mm, box.count) == (5870, 2330, 2200, 1)
    assert [(one.length_mm, one.width_mm, one.height_mm) for one in kinds] == [
        (1080, 760, 300), (1100, 430, 250), (920, 810, 550),
    ]  # fmt: skip
    assert [one.quantity for one in kinds] == [40, 33, 39]
    assert [one.vertical for one in kinds] == [("height",), ("width", "height"), ("length", "width", "height")]
    assert offered(problem) == 29_736_390_000
    assert problem.objective is Objective.VOLUME


@pytest.mark.parametrize("box_class", CLASSES)
def test_published_problems_are_drawn_again_from_their_seeds(box_class):
    held = read_thpack(STORED / f"thpack{box_class}.txt")
    assert held == {number: br_problem(box_class, number) for number in (1, 2, 3)}


def test_classes_beyond_seven_are_those_of_the_literature():
    eighth, last = br_problem(8, 1), br_problem(15, 3)
    assert [one.quantity for one in eighth.packages[:12]] == [7, 4, 5, 5, 2, 4, 5, 5, 5, 7, 8, 6]
    assert (len(eighth.packages), len(last.packages)) == (30, 100)
    assert [(one.length_mm, one.width_mm, one.height_mm) for one in last.packages[-2:]] == [
        (830, 590, 410), (1200, 360, 200),
    ]  # fmt: skip


@pytest.mark.parametrize("box_class", [1, 3, 7, 10])
def test_new_seeds_give_problems_of_the_same_kind(box_class):
    old = [br_problem(box_class, number) for number in range(1, 101)]
    new = [br_problem(box_class, number, first_seed=77) for number in range(1, 101)]
    assert not {one.packages for one in old} & {one.packages for one in new}
    for problem in new:
        assert len(problem.packages) == BR_TYPES[box_class]
        assert inside(problem) - max(one.volume_mm3 for one in problem.packages) < offered(problem) <= inside(problem)

    def boxes(problem):
        return sum(one.quantity for one in problem.packages)

    def upright(problem):
        return mean(len(one.vertical) for one in problem.packages)

    assert mean(map(boxes, new)) == pytest.approx(mean(map(boxes, old)), rel=0.06)
    assert mean(map(upright, new)) == pytest.approx(mean(map(upright, old)), abs=0.1)


def test_a_size_of_twice_the_least_side_below_it_may_not_stand():
    assert may_stand((60, 40, 30)) == ("width", "height")
    assert may_stand((59, 40, 30)) == ("length", "width", "height")


def test_best_known_volumes_are_within_what_is_offered():
    best = best_known(STORED)
    assert len(best) == 12
    for name, percent in best.items():
        problem = br_problem(int(name[2]), int(name[4:]))
        assert 90 < percent <= 100 * offered(problem) / inside(problem)
    assert best["BR1-001"] == pytest.approx(100 * 28_561_920 / prod((587, 233, 220)))


def test_problems_without_a_seed_are_read():
    held = read_thpack(STORED / "thpack8.txt")
    assert [len(one.packages) for one in held.values()] == [7, 8]
    assert sum(one.quantity for one in held[1].packages) == 100
    assert {one.vertical for one in held[1].packages} == {("height",)}


@pytest.mark.parametrize(
    ("line", "vertical"),
    [("1 90 1 70 1 50 4", ("length", "width")), ("1 90 70 1 50 1 4", ("width", "height")),
     ("1 90 0 70 50 1 4", ("height",))],
)  # fmt: skip
def test_a_missing_flag_counts_as_not_upright(tmp_path, line, vertical):
    path = tmp_path / "thpack9.txt"
    path.write_text(f"1\n1\n600 200 200\n1\n{line}\n", encoding="ascii")
    problem = read_thpack(path, Objective.CONTAINERS)[1]
    assert problem.packages[0].vertical == vertical
    assert problem.packages[0].quantity == 4
    assert problem.containers[0].count is None


@pytest.mark.parametrize(
    ("text", "message"),
    [("1\n1 5\n600 200\n", "x.txt:3: expected length, width, height, found \\[600, 200\\]"),
     ("1\n1 5\n600 200 200\n2\n1 9 0 8 0 7 1 2\n", "end of file: expected a box type"),
     ("1\n1 5\n600 200 200\n1\n1 9 0 8 0 7 0 2\n", "one that may stand upright")],
)  # fmt: skip
def test_a_broken_file_is_refused_with_its_place(tmp_path, text, message):
    path = tmp_path / "x.txt"
    path.write_text(text, encoding="ascii")
    with pytest.raises(ValueError, match=message):
        read_thpack(path)


def test_rich_problems_have_every_rule_and_more_than_fits():
    cases = [rich_problem(seed) for seed in range(1, 61)]
    assert cases[:5] == [rich_problem(seed) for seed in range(1, 6)]
    assert {case.owners for case in cases} == set(Owners)
    assert {case.support_permille for case in cases} == {750, 1000}
    assert {len({one.stop for one in case.packages}) for case in cases} == {1, 2, 3, 4}
    boxes = [case.containers[0] for case in cases]
    assert any(box.load_line_mm for box in boxes)
    assert any(box.line_load_g_per_m for box in boxes)
    assert all(box.door_height_mm < box.height_mm for box in boxes)
    assert any(
        box.payload_g < sum(one.mass_g * one.quantity for one in case.packages)
        for box, case in zip(boxes, cases, strict=True)
    )
    assert any(
        {"food", "chemical"} <= {one.cargo_class for one in case.packages} and case.incompatible_classes
        for case in cases
    )
    assert any(
        box.cargo_classes and not {one.cargo_class for one in case.packages} <= box.cargo_classes
        for box, case in zip(boxes, cases, strict=True)
    )
    limits = {one.max_load_g // one.mass_g for case in cases for one in case.packages}
    assert limits == {0, 1, 2, 4, 8}
    for case in cases:
        assert 0.95 < offered(case) / inside(case) <= 1
        assert all(one.stances_in(case.containers[0]) for one in case.packages)
        assert all(99 < one.mass_g / one.volume_mm3 * 1e6 < 601 or one.mass_g < 20_000 for one in case.packages)


def test_multi_problems_fill_their_containers_to_the_last_box():
    problem = multi_problem(8, 4, 1)
    assert (len(problem.packages), problem.objective) == (8, Objective.CONTAINERS)
    largest = max(one.volume_mm3 for one in problem.packages)
    assert 4 * inside(problem) - largest < offered(problem) <= 4 * inside(problem)
    assert multi_problem(8, 4, 2) != problem == multi_problem(8, 4, 1)


def test_the_large_problem_has_2000_packages_of_60_types_for_about_twelve_containers():
    for seed in (1, 2, 3):
        problem = large_problem(seed)
        assert len(problem.packages) == 60
        assert sum(one.quantity for one in problem.packages) == 2000
        assert 9 < offered(problem) / inside(problem) < 13


def test_mixed_containers_cost_less_by_volume_the_larger_they_are():
    problem = mix_problem(1)
    assert [one.code for one in problem.containers] == ["22G1", "42G1", "45G1", "L5G1"]
    rates = [one.cost_minor / one.volume_mm3 for one in problem.containers]
    assert rates[0] == max(rates)
    assert rates[1] > rates[2]
    assert [one.count for one in mix_problem(3).containers] == [None, None, 1, 1]
    assert all(one.stances_in(problem.containers[0]) for one in problem.packages)


def test_an_order_of_loading_has_what_is_below_and_behind_first():
    problem = cube_problem()
    stands = cubes(problem, (1000, 1000), (0, 1000), (1000, 0), (0, 0))
    order = [(one.x, one.z) for one in loading_order(stands)]
    assert order == [(0, 0), (0, 1000), (1000, 0), (1000, 1000)]


def test_the_judge_accepts_a_plan_turned_into_an_answer():
    problem = cube_problem()
    stands = cubes(problem, (1000, 1000), (0, 0), (1000, 0))
    answer = answer_of(problem, [(problem.containers[0], stands)])
    violations = check_loads(problem, answer)
    # Three more would fit, and the judge is not asked whether room is left.
    assert violations == ()
    assert answer.unloaded[0].quantity == 3
    assert answer.loads[0].fill_permille == 500
    assert answer.loads[0].mass_g == 3000
    assert answer.loads[0].centre_of_gravity_permille == (389, 500, 417)


def test_what_floats_is_counted_where_no_support_was_asked_for():
    problem = cube_problem(support_permille=0)
    answer = answer_of(problem, [(problem.containers[0], cubes(problem, (0, 0), (500, 1000), (2000, 500)))])
    found = Run(command="x", instance="x", method="py3dbp", support="none", limit_s=1, seed=0)
    judge(problem, answer, found)
    assert found.violations == {}
    assert (found.loaded, found.unsupported, found.floating) == (3, 2, 1)
    assert found.packed_mm3 == 3 * 1000**3
    assert found.fill_percent == 50


def test_overlapping_and_forbidden_ways_of_standing_are_counted_by_rule():
    problem = cube_problem()
    answer = answer_of(problem, [(problem.containers[0], cubes(problem, (0, 0), (999, 0), (2500, 0)))])
    found = Run(command="x", instance="x", method="py3dbp", support="full", limit_s=1, seed=0)
    judge(problem, answer, found)
    assert found.violations["placed_overlap"] == 1
    assert found.violations["placed_inside"] == 1


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_fills_a_container_of_cubes(name):
    pytest.importorskip(name, reason=f"{name} comes with the dependency group bench")
    problem = cube_problem()
    answer, _ = rival(name, problem, 1.0)
    assert check_loads(problem, answer) == ()
    assert len(answer.loads[0].placements) == 6


def test_packingsolver_obeys_the_ways_of_standing():
    pytest.importorskip("packingsolver3d", reason="packingsolver3d comes with the dependency group bench")
    upright = LoadPackage(id="a", length_mm=2000, width_mm=1000, height_mm=500, quantity=6, vertical=("length",))
    problem = replace(cube_problem(), packages=(upright,))
    answer, _ = rival("packingsolver3d", problem, 5.0)
    assert check_loads(problem, answer) == ()
    assert {one.dz_mm for one in answer.loads[0].placements} == {2000}
    assert len(answer.loads[0].placements) == 6


def test_runs_in_the_file_are_not_run_again(tmp_path):
    path = tmp_path / "runs.jsonl"
    kept = Run(command="br", instance="BR1-001", method="engine", support="full", limit_s=1.0, seed=0,
               codes={"C": 1}, packed_mm3=5, inside_mm3=10, centres=[[1, 2, 3]])  # fmt: skip
    path.write_text(json.dumps(asdict(kept)) + "\n", encoding="utf-8")
    tasks = list(tasks_for("br", [("BR1-001", br_problem(1, 1))], [1.0]))
    found = list(runs(tasks, path))
    assert found == [kept]
    assert found[0].fill_percent == 50
    assert read_runs(tmp_path / "none.jsonl") == []


def test_runs_are_told_apart_by_support_and_limit():
    problem = br_problem(1, 1)
    cases = [("full", problem), ("none", with_support(problem, "none"))]
    tasks = [one for _, case in cases for one in tasks_for("br", [("BR1-001", case)], [5.0, 1.0])]
    assert [(one.run.support, one.run.limit_s) for one in tasks] == [
        ("full", 1.0), ("full", 5.0), ("none", 1.0), ("none", 5.0),
    ]  # fmt: skip
    assert len({one.run.key for one in tasks}) == 4


def test_command_line_numbers_and_means():
    assert numbers("1-3,7") == [1, 2, 3, 7]
    assert with_mean([("a", 1.0, 5, "x"), ("b", 2.0, 5, "y")])[-1] == ("mean", 1.5, None, None)
