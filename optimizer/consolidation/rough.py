"""Good fillings of containers in a fraction of the time of the best ones, with a bound that is nearly tight.

One table over cells of volume serves every container size and every limit of mass of a departure. Sizes are
rounded down to cells, so that the table is a bound; the filling read from it is repaired where it is too large.
"""

import numpy as np

from optimizer.consolidation.knapsack import Fillings, Ints, _Completions, _completions, _Groups

GRID = 1024
"""Cells of volume of the largest container."""

Tables = dict[tuple[bytes, bytes, bytes, tuple[int, ...]], tuple[_Groups, Ints, _Completions]]
"""Worth and volume of pieces, what they owe and the fees -> the table made for them."""


def rough_filling(
    goods: tuple[Ints, Ints, Ints],
    owes: Ints | None,
    fees: list[int],
    room: tuple[int, int],
    threshold: int,
    most_room: int,
    tables: Tables,
) -> Fillings:
    """Return one filling worth more than a threshold, if one was found, and a bound on all.

    Parameters
    ----------
    goods
        Worth (> 0), volume and mass of each piece.
    owes, fees
        As for `knapsack.fill`.
    room
        Volume and mass of the container.
    most_room
        Volume of the largest container; tables are made for it.
    """
    worth, volumes, _ = goods
    key = (worth.tobytes(), volumes.tobytes(), owes.tobytes() if owes is not None else b"", tuple(fees))
    if key not in tables:
        groups = _Groups(owes, fees, len(worth))
        order = groups.order(volumes)
        tables[key] = groups, order, _completions(worth[order], volumes[order], most_room, groups, GRID)
    groups, order, table = tables[key]
    cells = min(GRID, -(-room[0] * GRID // most_room))
    sizes = [int(one) * GRID // most_room for one in volumes[order]]
    chosen = [int(order[j]) for j in _walk(groups, sizes, table, cells)]
    chosen = _repaired(chosen, goods, groups, order, room)
    owed = int(np.bitwise_or.reduce(owes[chosen], initial=0)) if owes is not None and chosen else 0
    value = int(worth[chosen].sum()) - sum(fee for g, fee in enumerate(fees) if owed >> g & 1)
    good = bool(chosen) and value > threshold
    return Fillings(
        sets=[tuple(sorted(chosen))] if good else [], worth=[value] if good else [],
        bound=max(threshold, int(table.shut[0][cells])), complete=False, work=len(worth),
    )  # fmt: skip


def _walk(groups: _Groups, sizes: list[int], table: _Completions, cells: int) -> list[int]:
    """Read from a table the positions of a filling of so many cells that is worth what the table says."""
    chosen: list[int] = []
    j, paid = 0, False
    while j < len(sizes):
        fee = groups.fee_at[j]
        if fee and not paid and int(table.shut[j][cells]) != int(table.open[j][cells]) - fee:
            j += 1
            while groups.opens(j):
                j += 1
            continue
        paid = True
        rest = table.open[j + 1] if groups.opens(j + 1) else table.shut[j + 1]
        if int(table.open[j][cells]) != int(rest[cells]):
            chosen.append(j)
            cells -= sizes[j]
        j += 1
        paid = groups.opens(j)
    return chosen


def _repaired(
    chosen: list[int], goods: tuple[Ints, Ints, Ints], groups: _Groups, order: Ints, room: tuple[int, int]
) -> list[int]:
    """Take out the pieces worth least for their size until all fits, then take in what still finds room."""
    worth, volumes, masses = goods
    size = np.maximum(volumes / max(1, room[0]), masses / max(1, room[1]))
    dense = worth / np.maximum(size, 1e-9)
    chosen = sorted(chosen, key=lambda j: (-dense[j], j))
    free_v, free_m = room[0] - int(volumes[chosen].sum()), room[1] - int(masses[chosen].sum())
    while chosen and (free_v < 0 or free_m < 0):
        out = chosen.pop()
        free_v, free_m = free_v + int(volumes[out]), free_m + int(masses[out])
    paid = 0
    owed = {int(i): groups.bits[j] for j, i in enumerate(order)}
    for j in chosen:
        paid |= owed[j]
    held = set(chosen)
    for j in np.argsort(-dense, kind="stable"):
        i = int(j)
        if i not in held and not owed[i] & ~paid and volumes[i] <= free_v and masses[i] <= free_m:
            chosen.append(i)
            free_v, free_m = free_v - int(volumes[i]), free_m - int(masses[i])
    return chosen
