"""What is in one container by owner, consignment and kind of package: the content of packing lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from consortium.documents.loading_sheet import LoadingSheet
from consortium.views_loads import LoadPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingLine:
    """Equal packages of one consignment; `steps` are those of the stuffing sheet in which they are loaded."""

    owner: str
    consignment: str
    package: str
    goods: str
    packages: int
    each_g: int
    gross_g: int
    volume_mm3: int
    steps: tuple[int, ...]


def packing_lines(sheet: LoadingSheet) -> tuple[PackingLine, ...]:
    """Return one line for each kind of package that the reader may know, by owner, consignment and package."""
    on = {(one.consignment, one.package): one.places for one in sheet.view.pallets}
    loaded = [
        (told.number, each)
        for told in sheet.told
        for place in told.step.places
        for each in on.get((place.consignment, place.package), (place,))
    ]
    loaded.sort(key=lambda pair: (_kind(pair[1]), pair[0]))
    return tuple(_line(list(pairs)) for _, pairs in groupby(loaded, key=lambda pair: _kind(pair[1])))


def _kind(place: LoadPlace) -> tuple[str, str, str]:
    return place.owner.label, place.consignment, place.package


def _line(pairs: Sequence[tuple[int, LoadPlace]]) -> PackingLine:
    one = pairs[0][1]
    return PackingLine(
        owner=one.owner.label,
        consignment=one.consignment,
        package=one.package,
        goods=one.description or one.package,
        packages=len(pairs),
        each_g=one.mass_g or 0,
        gross_g=sum(place.mass_g or 0 for _, place in pairs),
        volume_mm3=sum(place.dx_mm * place.dy_mm * place.dz_mm for _, place in pairs),
        steps=tuple(dict.fromkeys(number for number, _ in pairs)),
    )
