"""Equal shares: worked examples, an independent slow implementation, and what the rule promises."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.fairs.equal_shares import Choice, equal_shares

Utilities = dict[str, dict[str, int]]


def price(cost: int, left: Mapping[str, Fraction], worth: Mapping[str, int]) -> Fraction | None:
    """Return the least rho with sum min(left, rho x utility) = cost by trying every number of members who pay all."""
    if cost <= 0:
        return Fraction(0)
    if sum(left[member] for member in worth) < cost:
        return None
    candidates = []
    order = sorted(worth, key=lambda member: left[member] / worth[member])
    for exhausted in range(len(order)):
        rest = cost - sum(left[member] for member in order[:exhausted])
        rho = rest / Fraction(sum(worth[member] for member in order[exhausted:]))
        if sum(min(left[member], rho * worth[member]) for member in worth) == cost:
            candidates.append(rho)
    return min(candidates)


def slow(
    net: Mapping[str, int], endowments: Mapping[str, int], utilities: Utilities
) -> tuple[list[str], dict[str, Fraction]]:
    left = {member: Fraction(amount) for member, amount in endowments.items()}
    bought: list[str] = []
    while True:
        offers = [
            (rho, net[project], -len(worth), project)
            for project, worth in utilities.items()
            if project not in bought and worth
            for rho in [price(net[project], left, worth)]
            if rho is not None
        ]
        if not offers:
            return bought, left
        rho, _, _, project = min(offers)
        for member, utility in utilities[project].items():
            left[member] -= min(left[member], rho * utility) if net[project] > 0 else 0
        bought.append(project)


@st.composite
def instances(
    draw: st.DrawFn, *, most_members: int = 6, most_projects: int = 7
) -> tuple[dict[str, int], dict[str, int], Utilities]:
    members = [f"M{index}" for index in range(draw(st.integers(1, most_members)))]
    projects = [f"P{index}" for index in range(draw(st.integers(1, most_projects)))]
    net = {project: draw(st.integers(-3, 30)) for project in projects}
    endowments = {member: draw(st.integers(0, 25)) for member in members}
    scores = {project: {member: draw(st.integers(0, 3)) for member in members} for project in projects}
    utilities = {
        project: {member: score * max(1, net[project]) for member, score in given_scores.items() if score}
        for project, given_scores in scores.items()
    }
    return net, endowments, utilities


def test_worked_example_of_three_firms_and_four_fairs() -> None:
    """A pot of 16,000 by weights 2/1/1: F3 and F1 are bought, F2 is 200 short, F4 4,200."""
    net = {"F1": 6000, "F2": 5000, "F3": 2400, "F4": 7000}
    endowments = {"Andes": 8000, "Boreal": 4000, "Cima": 4000}
    approvals = {"F1": ("Andes", "Boreal"), "F2": ("Boreal", "Cima"), "F3": tuple(endowments), "F4": ("Andes",)}
    weights = {"Andes": 2, "Boreal": 1, "Cima": 1}
    utilities = {project: {one: weights[one] * net[project] for one in who} for project, who in approvals.items()}
    found = equal_shares(net, endowments, utilities)
    assert [(one.project, one.rho) for one in found.purchases] == [("F3", Fraction(1, 4)), ("F1", Fraction(1, 3))]
    assert found.purchases[0].payments == {"Andes": 1200, "Boreal": 600, "Cima": 600}
    assert found.purchases[1].payments == {"Andes": 4000, "Boreal": 2000}
    assert found.left == {"Andes": 2800, "Boreal": 1400, "Cima": 3400}
    assert found.missing == {"F2": 200, "F4": 4200}


def test_worked_example_of_own_money() -> None:
    """Nobody pays above its willingness: two fairs at rho 3/4 and 4/5, a third is out of reach."""
    costs = {"F1": 6000, "F2": 4000, "F3": 5000}
    caps = {"A": 5000, "B": 4000, "C": 3000}
    stated = {
        "F1": {"A": 4000, "B": 3000, "C": 1000},
        "F2": {"A": 2000, "B": 2000, "C": 1000},
        "F3": {"A": 2500, "C": 2500},
    }
    found = equal_shares(costs, caps, stated, highest_rho=1)
    assert [(one.project, one.rho) for one in found.purchases] == [("F1", Fraction(3, 4)), ("F2", Fraction(4, 5))]
    assert found.purchases[0].payments == {"A": 3000, "B": 2250, "C": 750}
    assert found.left == {"A": 400, "B": 150, "C": 1450}
    assert found.missing == {"F3": 5000 - 400 - 1450}


@given(instances())
def test_agrees_with_the_rule_as_it_is_written(instance: tuple[dict[str, int], dict[str, int], Utilities]) -> None:
    net, endowments, utilities = instance
    found = equal_shares(net, endowments, utilities)
    bought, left = slow(net, endowments, utilities)
    assert (list(found.selected), found.left) == (bought, left)


@given(instances())
def test_payments_come_from_supporters_and_sum_to_the_cost(
    instance: tuple[dict[str, int], dict[str, int], Utilities],
) -> None:
    net, endowments, utilities = instance
    found = equal_shares(net, endowments, utilities)
    for one in found.purchases:
        assert sum(one.payments.values()) == max(0, net[one.project])
        assert set(one.payments) <= set(utilities[one.project])
    for member, endowment in endowments.items():
        paid = sum(one.payments.get(member, 0) for one in found.purchases)
        assert paid + found.left[member] == endowment
        assert found.left[member] >= 0
    assert all(amount > 0 for project, amount in found.missing.items() if utilities[project])


@given(instances(most_members=3, most_projects=4), st.integers(2, 4))
def test_a_member_of_weight_w_is_w_clones(
    instance: tuple[dict[str, int], dict[str, int], Utilities], weight: int
) -> None:
    net, endowments, utilities = instance
    heavy = {member: amount * (weight if member == "M0" else 1) for member, amount in endowments.items()}
    worth = {p: {m: u * (weight if m == "M0" else 1) for m, u in given_.items()} for p, given_ in utilities.items()}
    together = equal_shares(net, heavy, worth)
    names = {
        member: [member, *(f"{member}+{index}" for index in range(1, weight if member == "M0" else 1))]
        for member in endowments
    }
    cloned = equal_shares(
        net,
        {name: endowments[member] for member, clones in names.items() for name in clones},
        {p: {name: u for m, u in given_.items() for name in names[m]} for p, given_ in utilities.items()},
    )
    # The number of supporters decides ties, so only prices and money are compared.
    assert sorted(one.rho for one in together.purchases) == sorted(one.rho for one in cloned.purchases) or tied(
        together, net
    )
    if together.selected == cloned.selected:
        for member, clones in names.items():
            assert together.left[member] == sum(cloned.left[name] for name in clones)


def tied(choice: Choice, net: Mapping[str, int]) -> bool:
    seen = [(one.rho, net[one.project]) for one in choice.purchases]
    return len(set(seen)) < len(seen) or len(set(net.values())) < len(net)


@given(instances())
def test_a_project_that_nobody_supports_changes_nothing(
    instance: tuple[dict[str, int], dict[str, int], Utilities],
) -> None:
    net, endowments, utilities = instance
    found = equal_shares(net, endowments, utilities)
    more = equal_shares({**net, "lonely": 0}, endowments, {**utilities, "lonely": {}})
    assert (more.purchases, more.left) == (found.purchases, found.left)
    assert "lonely" in more.missing


@settings(max_examples=60)
@given(instances(most_members=4, most_projects=5))
def test_every_group_gets_what_its_own_money_buys_up_to_one_project(
    instance: tuple[dict[str, int], dict[str, int], Utilities],
) -> None:
    """Extended justified representation up to one project, by brute force over groups and sets of projects."""
    net, endowments, utilities = instance
    net = {project: max(1, cost) for project, cost in net.items()}
    even = dict.fromkeys(endowments, 12)
    utilities = {project: dict.fromkeys(worth, net[project]) for project, worth in utilities.items()}
    selected = set(equal_shares(net, even, utilities).selected)
    groups = chain.from_iterable(combinations(even, size) for size in range(1, len(even) + 1))
    for group in groups:
        for size in range(1, len(net) + 1):
            for wanted in combinations(net, size):
                agreed = all(member in utilities[project] for project in wanted for member in group)
                if not agreed or sum(net[project] for project in wanted) > 12 * len(group):
                    continue
                aim = sum(net[project] for project in wanted)
                assert any(
                    sum(net[p] for p in selected if m in utilities[p]) >= aim
                    or any(sum(net[p] for p in {*selected, extra} if m in utilities[p]) > aim for extra in wanted)
                    for m in group
                )


@pytest.mark.parametrize("raised", [1, 5, 100])
def test_a_richer_member_never_ends_below_zero(raised: int) -> None:
    net = {"A": 10, "B": 7, "C": 5}
    utilities = {"A": {"x": 10, "y": 10}, "B": {"y": 7, "z": 14}, "C": {"x": 5, "z": 5}}
    found = equal_shares(net, {"x": 4 + raised, "y": 6, "z": 8}, utilities)
    assert min(found.left.values()) >= 0
