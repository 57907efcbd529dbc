from itertools import product

import pytest

from optimizer.consolidation.charges import price, whole
from optimizer.consolidation.model import solve_compact
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.patterns import whole_piece
from optimizer.consolidation.plans import not_carried
from optimizer.limits import Limits
from optimizer.problem import Mode
from optimizer.result import ContainerLoad, LooseLot
from tests.builders import random_problem, three_half_containers


def cheapest_by_trying_everything(case):
    """Return (consignments left behind, cost) of the best plan of whole consignments, by trying every one."""
    ways = []
    for one in case.consignments:
        mine = [None]
        for option in feasible_options(case, one):
            if option.container_type is None:
                mine.append((option, None))
            elif option.whole:
                mine.extend((option, slot) for slot in range(len(case.consignments)))
        ways.append(mine)
    best = None
    for chosen in product(*ways):
        found = _priced(case, chosen)
        if found is not None and (best is None or found < best):
            best = found
    return best


def _priced(case, chosen):
    boxes, loose = {}, {Mode.LCL: [], Mode.POSTAL: []}
    for one, way in zip(case.consignments, chosen, strict=True):
        if way is None:
            continue
        option, slot = way
        if slot is None:
            loose[option.mode].append(
                LooseLot(departure=option.departure.id, part=whole(one), mass_g=one.mass_g, volume_mm3=one.volume_mm3)
            )
        else:
            boxes.setdefault((option.departure.id, option.container_type.code, slot), []).append(one)
    counts = {}
    for (departure, code, _), goods in boxes.items():
        kind = case.container_type[code]
        if sum(one.volume_mm3 for one in goods) > kind.usable_volume_mm3:
            return None
        if sum(one.mass_g for one in goods) > kind.payload_g:
            return None
        if any(not case.compatible(a.cargo_class, b.cargo_class) for a in goods for b in goods if a is not b):
            return None
        counts[departure, code] = counts.get((departure, code), 0) + 1
    for (departure, code), count in counts.items():
        if count > case.departure[departure].container_limits.get(code, count):
            return None
    loads = [
        ContainerLoad(
            id=f"{departure}/{code}/{slot}",
            container_type=code,
            departure=departure,
            contents=tuple(whole(one) for one in goods),
            mass_g=sum(one.mass_g for one in goods),
            volume_mm3=sum(one.volume_mm3 for one in goods),
        )
        for (departure, code, slot), goods in boxes.items()
    ]
    cost = price(case, loads, loose[Mode.LCL], loose[Mode.POSTAL]).cost_minor
    return sum(way is None for way in chosen), cost


@pytest.mark.parametrize("seed", range(12))
def test_compact_model_finds_what_trying_everything_finds(seed):
    case = random_problem(seed, members=2, consignments=3, departures=2, divisible=False)
    found = solve_compact(case, Limits(), 1)
    plan = found.plan
    cost = price(case, plan.containers, plan.lcl, plan.postal).cost_minor
    assert found.proven
    assert (not_carried(case, plan), cost) == cheapest_by_trying_everything(case)
    assert found.lower_bound_minor <= cost


def test_three_halves_need_two_containers():
    found = solve_compact(three_half_containers(), Limits(), 1)
    assert found.proven
    assert found.lower_bound_minor == 2000
    assert len(found.plan.containers) == 2


def test_pieces_of_whole_consignments_keep_their_totals():
    one = three_half_containers().consignments[0]
    assert (whole_piece(one).volume_mm3, whole_piece(one).mass_g) == (one.volume_mm3, one.mass_g)
