"""Judge of cartons on pallets: every pallet as a container, and every pallet as a package; it never searches.

The rules of a violation beside those of `checking_loads`: `pallet_goods` (every package stands on one pallet or is
loose), `pallet_stated` (sizes, mass, stop, class or owner of a pallet as a package, and how many there are),
`pallet_top` (something may stand on a pallet whose top is not flat), `placed_load` (more may stand on it than its
cartons bear). Goods of different stops or classes, and of different owners unless asked for, are never on one pallet:
the carton is then an `unknown_package` among the others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from optimizer.checking_loads import check_loads, recounted
from optimizer.checking_lots import broken
from optimizer.checking_placements import stranger
from optimizer.checking_stacking import X, Y, check_load_on_top, contacts, meeting, placed
from optimizer.load_problem import LoadPackage, LoadProblem
from optimizer.load_result import LoadAnswer, StaysOut, Unloaded
from optimizer.pallets import (
    FLAT_PERMILLE,
    LoadedPallet,
    PalletAnswer,
    PalletType,
    as_package,
    goods_for_pallets,
    pallet_container,
    pallet_problem,
)
from optimizer.result import BuiltPallet, Placement, SolveStatus, Violation

NO_LIMIT_G = 10**15
"""Mass that breaks every limit, laid on what is said to bear any."""


def check_pallets(packages: Sequence[LoadPackage], answer: PalletAnswer) -> tuple[Violation, ...]:
    """List everything in which pallets break a rule or are stated wrongly; `packages` is what was to be put on them."""
    kinds = {one.key: one for one in packages}
    parts = [one for problem, part in answer.parts for one in check_loads(problem, part)]
    strangers = [
        broken("unknown_package", "pallets", " ".join(key), "not among the packages")
        for key in sorted({(one.consignment, one.package) for each in answer.pallets for one in each.cartons})
        if key not in kinds
    ]
    if strangers:
        return (*parts, *strangers)
    return (*parts, *_goods(kinds, answer), *_as_built(answer), *_as_packages(kinds, answer))


def check_built(problem: LoadProblem, pallets: Sequence[BuiltPallet]) -> tuple[Violation, ...]:
    """List everything in which the pallets of a load plan break a rule or are stated wrongly."""
    assert problem.pallet is not None
    goods = goods_for_pallets(problem)
    names, taken = Counter((one.consignment, one.id) for one in pallets), _taken(pallets)
    bad = [
        *(broken("quantity", one.id, one.quantity, "1 pallet at least") for one in pallets if one.quantity < 1),
        *(broken("empty_pallet", one.id, "used", "no cartons") for one in pallets if not one.cartons),
        *(broken("pallet_stated", " ".join(name).strip(), count, "once") for name, count in names.items() if count > 1),
        *(
            broken("pallet_goods", " ".join(one.key).strip(), taken[one.key], f"{one.quantity} packages")
            for one in goods
            if taken[one.key] > one.quantity
        ),
    ]
    if bad:
        return tuple(bad)
    answer = PalletAnswer(
        pallet=problem.pallet,
        pallets=tuple(
            LoadedPallet(package=as_package(problem, problem.pallet, one), cartons=one.cartons) for one in pallets
        ),
        loose=tuple(_loose(goods, pallets)),
        parts=tuple(_parts(problem.pallet, goods, pallets)),
    )
    return check_pallets(goods, answer)


def _loose(goods: Sequence[LoadPackage], pallets: Sequence[BuiltPallet]) -> Iterator[LoadPackage]:
    taken = _taken(pallets)
    for one in goods:
        if one.quantity > taken[one.key]:
            yield replace(one, quantity=one.quantity - taken[one.key])


def _taken(pallets: Sequence[BuiltPallet]) -> Counter[tuple[str, str]]:
    taken: Counter[tuple[str, str]] = Counter()
    for one in pallets:
        for carton in one.cartons:
            taken[carton.consignment, carton.package] += one.quantity
    return taken


def _parts(
    pallet: PalletType, goods: Sequence[LoadPackage], pallets: Sequence[BuiltPallet]
) -> Iterator[tuple[LoadProblem, LoadAnswer]]:
    """Yield the goods that may share a pallet as a problem, and their pallets as its answer, which claims no proof."""
    groups: defaultdict[tuple[int, str, str], list[LoadPackage]] = defaultdict(list)
    for one in goods:
        groups[one.stop, one.cargo_class, "" if pallet.mixed else one.owner].append(one)
    group_of = {one.key: name for name, group in groups.items() for one in group}
    for name, group in groups.items():
        here = [one for one in pallets if group_of.get(_key(one.cartons[0])) == name]
        problem = pallet_problem(pallet, group)
        room, taken = problem.containers[0], _taken(here)
        built = [(one, [(each, problem.package.get(_key(each)) or stranger(each)) for each in one.cartons])
                 for one in here]  # fmt: skip
        yield problem, LoadAnswer(
            status=SolveStatus.FEASIBLE if here else SolveStatus.UNKNOWN,
            lower_bound=0,
            loads=tuple(load for one, goods in built for load in [recounted(room, goods)] * one.quantity),
            unloaded=tuple(
                Unloaded(
                    package=one.id, consignment=one.consignment, quantity=left, reason=StaysOut.TIME_LIMIT,
                )
                for one in group
                if (left := one.quantity - taken[one.key]) > 0
            ),
        )  # fmt: skip


def _key(one: Placement) -> tuple[str, str]:
    return one.consignment, one.package


def _goods(kinds: dict[tuple[str, str], LoadPackage], answer: PalletAnswer) -> Iterator[Violation]:
    found: Counter[tuple[str, str]] = Counter()
    for pallet in answer.pallets:
        for one in pallet.cartons:
            found[one.consignment, one.package] += pallet.package.quantity
    for loose in answer.loose:
        found[loose.key] += loose.quantity
    for key in sorted(kinds.keys() | found.keys()):
        asked = kinds[key].quantity if key in kinds else 0
        if found[key] != asked:
            yield broken("pallet_goods", " ".join(key).strip(), found[key], f"{asked} packages")


def _as_built(answer: PalletAnswer) -> Iterator[Violation]:
    """Compare the pallets with those that were judged as containers."""
    built = Counter(load.placements for _, part in answer.parts for load in part.loads)
    stated: Counter[tuple[object, ...]] = Counter()
    for one in answer.pallets:
        stated[one.cartons] += one.package.quantity
    for one in answer.pallets:
        if stated[one.cartons] != built[one.cartons]:
            yield broken(
                "pallet_stated", one.package.id, f"{stated[one.cartons]} pallets", f"{built[one.cartons]} built"
            )
    for problem, _ in answer.parts:
        room = pallet_container(answer.pallet)
        if problem.containers != (room,):
            yield broken("pallet_stated", answer.pallet.code, problem.containers, room)


def _as_packages(kinds: dict[tuple[str, str], LoadPackage], answer: PalletAnswer) -> Iterator[Violation]:
    for one in answer.pallets:
        goods = [kinds[each.consignment, each.package] for each in one.cartons]
        for name, claimed, found in _numbers(answer.pallet, one, goods):
            if claimed != found:
                yield broken("pallet_stated", f"{one.package.id}: {name}", claimed, found)
        if one.package.max_load_g != 0:
            yield from _top(answer.pallet, one, goods)


def _numbers(
    pallet: PalletType, one: LoadedPallet, goods: Sequence[LoadPackage]
) -> Iterator[tuple[str, object, object]]:
    package = one.package
    high = pallet.height_mm + max((each.z_mm + each.dz_mm for each in one.cartons), default=0)
    mass = pallet.mass_g + sum(each.mass_g for each in goods)
    yield "sizes", (package.length_mm, package.width_mm, package.height_mm), (pallet.length_mm, pallet.width_mm, high)
    yield "upright", package.vertical, ("height",)
    yield "mass", package.mass_g, mass
    yield "stop", {each.stop for each in goods}, {package.stop}
    yield "class", {each.cargo_class for each in goods}, {package.cargo_class}
    consignments = {each.consignment for each in goods}
    yield "consignment", package.consignment, next(iter(consignments)) if len(consignments) == 1 else ""
    owners = {each.owner for each in goods}
    yield "owner", package.owner, next(iter(owners)) if len(owners) == 1 else ""


def _top(pallet: PalletType, one: LoadedPallet, goods: Sequence[LoadPackage]) -> Iterator[Violation]:
    """Lay what may stand on a pallet on its highest cartons, as a lid, and pass its mass down."""
    allowed = one.package.max_load_g
    if pallet.max_load_g is not None and (allowed is None or allowed > pallet.max_load_g):
        yield broken("pallet_stated", f"{one.package.id}: load on top", allowed, f"limit {pallet.max_load_g} g")
    high = max(each.z_mm + each.dz_mm for each in one.cartons)
    covered = sum(each.dx_mm * each.dy_mm for each in one.cartons if each.z_mm + each.dz_mm == high)
    if covered * 1000 < FLAT_PERMILLE * pallet.length_mm * pallet.width_mm:
        yield broken("pallet_top", one.package.id, f"{covered} mm2 flat", f"{FLAT_PERMILLE} permille of the boards")
    lid = LoadPackage(
        id="lid", length_mm=pallet.length_mm, width_mm=pallet.width_mm, height_mm=1, quantity=1,
        mass_g=NO_LIMIT_G if allowed is None else allowed,
    )  # fmt: skip
    place = Placement(
        package="lid", consignment="", x_mm=0, y_mm=0, z_mm=high, dx_mm=lid.length_mm, dy_mm=lid.width_mm, dz_mm=1,
        step=len(goods) + 1,
    )  # fmt: skip
    standing = [*zip(one.cartons, goods, strict=True), (place, lid)]
    packages = [placed(one.package.id, kind, where) for where, kind in standing]
    yield from check_load_on_top(packages, list(contacts(meeting(packages, X, Y))))
