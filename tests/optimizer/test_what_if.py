"""Problems had one thing been otherwise."""

from datetime import timedelta

import pytest

from optimizer.problem import ProblemError
from optimizer.what_if import delayed, repriced, resized, volume_mm3, without_member
from tests import builders


def two_members(**changes):
    return builders.problem(
        [
            builders.consignment("C-1", "A", packages=[builders.package("P1", 10), builders.package("P2", 1)]),
            builders.consignment("C-2", "A", litres=3_000, kg=1_001, value_minor=500),
            builders.consignment("C-3", "B", litres=2_000),
        ],
        [builders.charge("OFR", "container", 999)],
        **changes,
    )


def test_a_member_leaves_with_all_its_goods():
    assert [one.id for one in without_member(two_members(), "A").consignments] == ["C-3"]


def test_a_member_is_late_and_its_due_dates_stay():
    before = two_members()
    after = delayed(before, "A", 3)
    late = [now.ready_date - then.ready_date for then, now in zip(before.consignments, after.consignments, strict=True)]
    assert late == [timedelta(days=3), timedelta(days=3), timedelta(0)]
    assert [one.due_date for one in after.consignments] == [one.due_date for one in before.consignments]


def test_whole_packages_and_all_measures_follow():
    after = resized(two_members(), "A", 900)
    first, second, rival = after.consignments
    assert [(one.id, one.quantity) for one in first.packages] == [("P1", 9), ("P2", 1)]
    assert (first.volume_mm3, first.mass_g) == (10 * 10**9, 10 * 100_000)
    assert (second.volume_mm3, second.mass_g, second.value_minor) == (2_700_000_000, 900_900, 450)
    assert rival == two_members().consignments[2]
    assert volume_mm3(after, "A") == 12_700_000_000


def test_what_comes_to_nothing_is_left_out():
    assert [one.id for one in resized(two_members(), "A", 0).consignments] == ["C-3"]
    few = resized(two_members(), "A", 49)
    assert [(one.id, one.packages) for one in few.consignments if one.member == "A"] == [("C-2", ())]


def test_what_then_fits_no_container_is_refused():
    with pytest.raises(ProblemError):
        resized(two_members(), "B", 20_000)


def test_a_charge_changes_in_all_its_parts():
    problem = builders.problem(
        [builders.consignment("C-1", "A")],
        [
            builders.charge(
                "LCL",
                "freight_tonne",
                minimum_minor=100,
                maximum_minor=1_005,
                steps={0: 90, 5: 80},
            ),
            builders.charge("INS", "value", rate_ppm=3_000),
        ],
    )
    dearer, other = repriced(problem, "LCL", 1_100).charges
    assert (dearer.minimum_minor, dearer.maximum_minor) == (110, 1_106)
    assert [step.amount_minor for step in dearer.steps] == [99, 88]
    assert other == problem.charges[1]
    assert repriced(problem, "INS", 900).charges[1].rate_ppm == 2_700


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: without_member(p, "Z"), "expected one with consignments, found 'Z'"),
        (lambda p: delayed(p, "Z", 1), "expected one with consignments, found 'Z'"),
        (lambda p: resized(p, "A", -1), "permille: expected >= 0, found -1"),
        (lambda p: repriced(p, "Z", 1_100), "expected a charge of the problem, found 'Z'"),
        (lambda p: repriced(p, "OFR", -1), "permille: expected >= 0, found -1"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        change(two_members())
