"""Cartons on pallets: known patterns, what may share a pallet, every pallet judged, places in the container."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.checking_loads import check_loads
from optimizer.checking_pallets import check_pallets
from optimizer.limits import Limits
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective
from optimizer.loading.engine import plan_loads
from optimizer.loading.pallets import onto_pallets
from optimizer.pallets import PalletAnswer, PalletType, carton_places
from optimizer.problem import ProblemError
from optimizer.result import Placement

QUICK = Limits(time_limit_s=120, work_limit=0.02)
EUR = PalletType(
    code="EUR", length_mm=1200, width_mm=800, height_mm=144, mass_g=25_000, most_height_mm=1500, most_mass_g=1_500_000
)
INDUSTRIAL = replace(EUR, code="IND", width_mm=1000)
TWENTY = LoadContainer(code="22G1", length_mm=5898, width_mm=2352, height_mm=2393, count=None)


def carton(name: str = "carton", quantity: int = 1, **changes: object) -> LoadPackage:
    sizes = {"length_mm": 400, "width_mm": 300, "height_mm": 300, "mass_g": 8_000, "vertical": ("height",)}
    return LoadPackage(**{"id": name, "quantity": quantity, **sizes, **changes})


def built(pallet: PalletType, *packages: LoadPackage, **changes: object) -> PalletAnswer:
    answer = onto_pallets(pallet, packages, limits=QUICK, **changes)
    assert check_pallets(packages, answer) == ()
    return answer


@pytest.mark.parametrize(("pallet", "a_layer"), [(EUR, 8), (INDUSTRIAL, 10)])
def test_known_patterns_of_400_by_300_cartons(pallet: PalletType, a_layer: int) -> None:
    # Four layers of 300 mm below 1,500 mm, boards of 144 mm included.
    answer = built(pallet, carton(quantity=3 * 4 * a_layer))
    (one,) = answer.pallets
    assert (one.package.quantity, len(one.cartons)) == (3, 4 * a_layer)
    assert one.package.height_mm == 144 + 4 * 300
    assert one.package.mass_g == 25_000 + 4 * a_layer * 8_000
    assert sum(each.z_mm == 0 for each in one.cartons) == a_layer


def test_the_mass_on_a_pallet_is_limited() -> None:
    answer = built(replace(EUR, most_mass_g=25_000 + 10 * 8_000), carton(quantity=20))
    assert [(one.package.quantity, len(one.cartons)) for one in answer.pallets] == [(2, 10)]


def test_owners_share_a_pallet_only_when_asked_and_stops_never() -> None:
    goods = (
        carton("a", 8, owner="andina"), carton("b", 8, owner="boreal"), carton("c", 8, owner="andina", stop=2),
    )  # fmt: skip
    apart = built(EUR, *goods)
    assert sorted((one.package.owner, one.package.stop) for one in apart.pallets) == [
        ("andina", 1), ("andina", 2), ("boreal", 1),
    ]  # fmt: skip
    together = built(EUR, *goods, mixed=True)
    assert sorted((one.package.owner, one.package.stop) for one in together.pallets) == [("", 1), ("andina", 2)]


def test_what_no_pallet_takes_stays_loose() -> None:
    answer = built(EUR, carton(quantity=4), carton("pole", 2, length_mm=3000))
    assert [(one.id, one.quantity) for one in answer.loose] == [("pole", 2)]
    assert [one.id for one in answer.packages] == ["EUR-1", "pole"]


@pytest.mark.parametrize(
    ("pallet_g", "carton_g", "cartons", "bears_g"),
    [
        (500_000, None, 32, 500_000),
        # Eight stacks of four: the lowest carton bears three of 8 kg and an eighth of what stands on the pallet.
        (500_000, 40_000, 32, 8 * (40_000 - 3 * 8_000)),
        (None, None, 32, None),
        # Seven on the top layer are flat enough, five are not.
        (500_000, None, 31, 500_000),
        (500_000, None, 29, 0),
    ],
)
def test_what_may_stand_on_a_loaded_pallet(
    pallet_g: int | None, carton_g: int | None, cartons: int, bears_g: int | None
) -> None:
    answer = built(replace(EUR, max_load_g=pallet_g), carton(quantity=cartons, max_load_g=carton_g))
    assert [one.package.max_load_g for one in answer.pallets] == [bears_g]


def test_pallets_are_loaded_and_every_carton_has_its_place_in_the_container() -> None:
    # Eleven EUR pallets stand on the floor of a 20' container: some of them are turned.
    answer = built(EUR, carton(quantity=11 * 32))
    problem = LoadProblem(objective=Objective.CONTAINERS, containers=(TWENTY,), packages=answer.packages)
    loads = plan_loads(problem, limits=QUICK)
    assert check_loads(problem, loads) == ()
    assert [len(one.placements) for one in loads.loads] == [11]
    pallets = loads.loads[0].placements
    assert {one.dx_mm for one in pallets} == {800, 1200}
    cartons = carton_places(answer, pallets)
    assert [one.step for one in cartons] == list(range(1, 11 * 32 + 1))
    assert not any(overlap(one, other) for one, other in combinations(cartons, 2))
    for number, one in enumerate(cartons):
        assert inside(one, pallets[number // 32])


def overlap(one: Placement, other: Placement) -> bool:
    return (
        one.x_mm < other.x_mm + other.dx_mm
        and other.x_mm < one.x_mm + one.dx_mm
        and one.y_mm < other.y_mm + other.dy_mm
        and other.y_mm < one.y_mm + one.dy_mm
        and one.z_mm < other.z_mm + other.dz_mm
        and other.z_mm < one.z_mm + one.dz_mm
    )


def inside(one: Placement, pallet: Placement) -> bool:
    return (
        pallet.x_mm <= one.x_mm
        and one.x_mm + one.dx_mm <= pallet.x_mm + pallet.dx_mm
        and pallet.y_mm <= one.y_mm
        and one.y_mm + one.dy_mm <= pallet.y_mm + pallet.dy_mm
        and pallet.z_mm + EUR.height_mm <= one.z_mm
        and one.z_mm + one.dz_mm <= pallet.z_mm + pallet.dz_mm
    )


def test_loose_packages_keep_their_places() -> None:
    answer = built(EUR, carton("pole", 1, length_mm=3000))
    place = Placement(package="pole", consignment="", x_mm=5, y_mm=0, z_mm=0, dx_mm=3000, dy_mm=300, dz_mm=300, step=1)
    assert carton_places(answer, (place,)) == (place,)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_pallet_passes_the_judge(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 4))
    goods = tuple(
        carton(
            f"p{kind}",
            data.draw(st.integers(1, 30)),
            length_mm=50 * data.draw(st.integers(3, 26)),
            width_mm=50 * data.draw(st.integers(3, 16)),
            height_mm=50 * data.draw(st.integers(2, 12)),
            mass_g=1_000 * data.draw(st.integers(0, 40)),
            max_load_g=data.draw(st.sampled_from([None, 0, 30_000, 100_000])),
            owner=data.draw(st.sampled_from(["", "andina", "boreal"])),
            stop=data.draw(st.integers(1, 2)),
            vertical=data.draw(st.sampled_from([("height",), ("length", "width", "height")])),
        )
        for kind in range(number)
    )
    pallet = replace(EUR, most_mass_g=data.draw(st.sampled_from([None, 300_000])), max_load_g=None)
    built(pallet, *goods, mixed=data.draw(st.booleans()))


def test_the_judge_sees_a_pallet_that_is_stated_wrongly() -> None:
    goods = (carton(quantity=32, max_load_g=40_000), carton("flat", 1, owner="boreal"))
    answer = built(replace(EUR, max_load_g=None), *goods)

    def rules(at: int, **changes: object) -> set[str]:
        pallets = list(answer.pallets)
        pallets[at] = replace(pallets[at], package=replace(pallets[at].package, **changes))
        return {one.rule for one in check_pallets(goods, replace(answer, pallets=tuple(pallets)))}

    assert rules(0, mass_g=1) == rules(0, height_mm=1500) == rules(0, stop=2) == rules(1, owner="") == {"pallet_stated"}
    assert rules(0, quantity=2) == {"pallet_goods", "pallet_stated"}
    assert rules(0, max_load_g=128_001) == rules(0, max_load_g=None) == {"placed_load"}
    assert rules(1, max_load_g=1) == {"pallet_top"}
    assert {one.rule for one in check_pallets(goods[:1], answer)} == {"unknown_package"}


def test_a_pallet_without_room_is_refused_by_name() -> None:
    with pytest.raises(ProblemError) as caught:
        replace(EUR, most_height_mm=144)
    assert [one.path for one in caught.value.faults] == ["pallet.most_height_mm"]
