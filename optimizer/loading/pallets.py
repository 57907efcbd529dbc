"""Cartons onto pallets, by the search that loads containers: each pallet is a small container without walls."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from optimizer.limits import Limits, OnProgress, ShouldStop, ignore_progress, never_stop
from optimizer.load_problem import LoadPackage
from optimizer.load_result import LoadAnswer
from optimizer.loading.engine import plan_loads
from optimizer.pallets import FLAT_PERMILLE, LoadedPallet, PalletAnswer, PalletType, pallet_problem
from optimizer.result import Placement


def onto_pallets(
    pallet: PalletType,
    packages: Sequence[LoadPackage],
    *,
    mixed: bool = False,
    limits: Limits | None = None,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> PalletAnswer:
    """Put cartons onto as few pallets as are found.

    Goods of different stops or cargo classes never share a pallet.

    Parameters
    ----------
    packages
        All that may go onto pallets; what no pallet takes stays loose.
    mixed
        Whether owners may share a pallet, which is then nobody's.
    limits
        Of the whole search; each group of goods has a part of the work by its volume.
    """
    limits = limits or Limits()
    groups: defaultdict[tuple[int, str, str], list[LoadPackage]] = defaultdict(list)
    for one in packages:
        groups[one.stop, one.cargo_class, "" if mixed else one.owner].append(one)
    volume = sum(one.volume_mm3 * one.quantity for one in packages)
    parts, pallets, loose = [], list[LoadedPallet](), list[LoadPackage]()
    for _, group in sorted(groups.items()):
        share = sum(one.volume_mm3 * one.quantity for one in group) / volume
        problem = pallet_problem(pallet, group)
        part = replace(limits, work_limit=limits.work_limit * share, time_limit_s=max(1.0, limits.time_limit_s * share))
        answer = plan_loads(
            problem, limits=part, seed=seed, on_progress=on_progress, should_stop=should_stop
        )  # fmt: skip
        parts.append((problem, answer))
        pallets += _pallets(pallet, problem.package, answer, len(pallets))
        left = {(one.consignment, one.package): one.quantity for one in answer.unloaded}
        loose += [replace(one, quantity=left[one.key]) for one in group if one.key in left]
    return PalletAnswer(pallet=pallet, pallets=tuple(pallets), loose=tuple(loose), parts=tuple(parts))


def _pallets(
    pallet: PalletType, kinds: dict[tuple[str, str], LoadPackage], answer: LoadAnswer, before: int
) -> Iterator[LoadedPallet]:
    """Yield the pallets of one group of goods, equal ones together."""
    quantities = Counter(load.placements for load in answer.loads)
    for number, (cartons, quantity) in enumerate(quantities.items(), start=before + 1):
        goods = [kinds[one.consignment, one.package] for one in cartons]
        owners, consignments = {one.owner for one in goods}, {one.consignment for one in goods}
        yield LoadedPallet(
            package=LoadPackage(
                id=f"{pallet.code}-{number}",
                length_mm=pallet.length_mm,
                width_mm=pallet.width_mm,
                height_mm=pallet.height_mm + max(one.z_mm + one.dz_mm for one in cartons),
                quantity=quantity,
                mass_g=pallet.mass_g + sum(one.mass_g for one in goods),
                vertical=("height",),
                max_load_g=_bears(pallet, kinds, cartons),
                owner=owners.pop() if len(owners) == 1 else "",
                stop=goods[0].stop,
                consignment=consignments.pop() if len(consignments) == 1 else "",
                cargo_class=goods[0].cargo_class,
            ),
            cartons=cartons,
        )


def _bears(pallet: PalletType, kinds: dict[tuple[str, str], LoadPackage], cartons: Sequence[Placement]) -> int | None:
    """Return the mass that may stand on a loaded pallet: by its type, and by what its cartons bear.

    It rests on the highest cartons by area and is passed down as everything is; on an uneven top nothing may stand.
    """
    top = max(one.z_mm + one.dz_mm for one in cartons)
    flat = sum(one.dx_mm * one.dy_mm for one in cartons if one.z_mm + one.dz_mm == top)
    if flat * 1000 < FLAT_PERMILLE * pallet.length_mm * pallet.width_mm:
        return 0
    most = pallet.max_load_g
    # Of each carton: what arrives from others, and the part of a load on top that arrives.
    arrives = defaultdict[int, Fraction](Fraction)
    part = defaultdict[int, Fraction](Fraction)
    order = sorted(range(len(cartons)), key=lambda one: -cartons[one].z_mm)
    for upper in order:
        one = cartons[upper]
        kind = kinds[one.consignment, one.package]
        if one.z_mm + one.dz_mm == top:
            part[upper] += Fraction(one.dx_mm * one.dy_mm, flat)
        if kind.max_load_g is not None and part[upper]:
            spare = int((kind.max_load_g - arrives[upper]) / part[upper])
            most = spare if most is None else min(most, spare)
        areas = {lower: _contact(one, cartons[lower]) for lower in order}
        whole = sum(areas.values())
        for lower, area in areas.items():
            if area:
                arrives[lower] += (kind.mass_g + arrives[upper]) * Fraction(area, whole)
                part[lower] += part[upper] * Fraction(area, whole)
    return most


def _contact(upper: Placement, lower: Placement) -> int:
    """Return the area in mm2 with which one carton stands on another."""
    if upper.z_mm != lower.z_mm + lower.dz_mm:
        return 0
    along = min(upper.x_mm + upper.dx_mm, lower.x_mm + lower.dx_mm) - max(upper.x_mm, lower.x_mm)
    across = min(upper.y_mm + upper.dy_mm, lower.y_mm + lower.dy_mm) - max(upper.y_mm, lower.y_mm)
    return max(0, along) * max(0, across)
