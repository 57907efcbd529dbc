"""The verified gross mass of a container by method 2: what is in it, what secures it, and the container itself.

SOLAS chapter VI, regulation 2, with the guidelines MSC.1/Circ.1475: all packages are weighed and their mass is
added to that of pallets, dunnage and securing material and to the tare on the container's door. No part may be an
estimate: the tare of a container type is a reminder, not a declaration.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from consortium.documents.container_numbers import check_digit, has_form, tidy
from consortium.errors import Fault, InputError
from consortium.formats.json_text import show

MOST_G = 100_000_000
"""Greatest mass that is read as dunnage or tare: a hundred tonnes, more than any container holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What the person who declares knows beside the plan.

    Parameters
    ----------
    container_no
        Of ISO 6346, with its check digit; empty: written by hand later.
    dunnage_g
        Mass of pallets, dunnage and securing material that no package includes, >= 0.
    tare_g
        As on the container's door, > 0; None: the one of the container type, to be replaced by hand.
    person, company
        Who declares; empty: written by hand later.
    day
        When; None: written by hand later.

    Raises
    ------
    InputError
        With every fault found.
    """

    container_no: str = ""
    dunnage_g: int = 0
    tare_g: int | None = None
    person: str = ""
    company: str = ""
    day: date | None = None

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise InputError(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedMass:
    """The sum of method 2, each part of it, and what the container may weigh at most."""

    cargo_g: int
    dunnage_g: int
    tare_g: int | None
    tare_is_declared: bool
    total_g: int | None
    maximum_g: int | None

    @property
    def is_too_heavy(self) -> bool:
        """Whether the container would weigh more than it may."""
        return self.total_g is not None and self.maximum_g is not None and self.total_g > self.maximum_g


def verified_mass(cargo_g: int, payload_g: int, type_tare_g: int | None, weighing: Weighing) -> VerifiedMass:
    """Return the verified gross mass.

    Parameters
    ----------
    cargo_g
        Gross mass of everything in the container.
    payload_g, type_tare_g
        Of the container type; None where its tare is not known.
    """
    tare_g = type_tare_g if weighing.tare_g is None else weighing.tare_g
    return VerifiedMass(
        cargo_g=cargo_g,
        dunnage_g=weighing.dunnage_g,
        tare_g=tare_g,
        tare_is_declared=weighing.tare_g is not None,
        total_g=None if tare_g is None else cargo_g + weighing.dunnage_g + tare_g,
        maximum_g=None if type_tare_g is None else payload_g + type_tare_g,
    )


def _faults(one: Weighing) -> Iterator[Fault]:
    number = tidy(one.container_no)
    if number and not has_form(number):
        yield Fault(
            "container_no", "out_of_range", "4 letters and 7 digits such as CSQU3054383", show(one.container_no)
        )
    elif number and int(number[-1]) != check_digit(number):
        yield Fault("container_no", "check_digit", f"{check_digit(number)} as the last digit", show(one.container_no))
    if not 0 <= one.dunnage_g <= MOST_G:
        yield Fault("dunnage_g", "out_of_range", f"integer from 0 to {MOST_G}", str(one.dunnage_g))
    if one.tare_g is not None and not 0 < one.tare_g <= MOST_G:
        yield Fault("tare_g", "out_of_range", f"integer from 1 to {MOST_G}", str(one.tare_g))
    for name in ("person", "company"):
        if len(getattr(one, name)) > 120:
            yield Fault(name, "too_long", "at most 120 characters", f"{len(getattr(one, name))} characters")
