"""Answers to load problems: loaded containers and what stays out (format ``consortium/load-plan@1``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from optimizer.problem_parts import Owners
from optimizer.result import BuiltPallet, Placement, SolveStatus


class StaysOut(StrEnum):
    """Why packages were not loaded."""

    TOO_LARGE = "too_large_for_every_container"
    TOO_HEAVY = "too_heavy_for_every_container"
    CARGO_CLASS = "no_container_for_cargo_class"
    NO_ROOM = "no_room"
    NO_CONTAINER_LEFT = "no_container_left"
    TIME_LIMIT = "time_limit"


class Balance(StrEnum):
    """Where the centre of gravity of the cargo lies, by the CTU Code (2014), annex 7, 3.1.4."""

    GOOD = "good"
    ACCEPTABLE = "acceptable"
    OUTSIDE = "outside"


GOOD_PERMILLE, ACCEPTABLE_PERMILLE = 50, 100
"""Distance from the middle of the length and width, of their whole, as a rule and in special cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedContainer:
    """One container and where everything in it stands.

    Parameters
    ----------
    container
        Code of the container.
    placements
        In the order of loading: steps count from 1.
    fill_permille
        Packed volume of the inside volume, rounded down.
    centre_of_gravity_permille
        Of the cargo, along the length from the front wall, across, and up, each of the inside size, rounded to
        the nearest; the middle of the floor (500, 500, 0) where the cargo has no mass.
    """

    container: str
    placements: tuple[Placement, ...]
    fill_permille: int
    mass_g: int
    centre_of_gravity_permille: tuple[int, int, int]

    @property
    def balance(self) -> Balance:
        """How well the cargo is balanced; above half the height it never is."""
        along, across, up = self.centre_of_gravity_permille
        distance = max(abs(along - 500), abs(across - 500))
        if up >= 500 or distance > ACCEPTABLE_PERMILLE:
            return Balance.OUTSIDE
        return Balance.GOOD if distance <= GOOD_PERMILLE else Balance.ACCEPTABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloaded:
    """Packages of one kind that stay out, and why."""

    package: str
    quantity: int
    reason: StaysOut
    consignment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersLevel:
    """The same goods loaded under one level of keeping owners apart, and what that comes to.

    Parameters
    ----------
    found_under
        Level whose search found these loads: a stricter one, where its loads are better than what the own found.
    containers, cost_minor
        Containers used, and what they cost together.
    packages_left
        Packages that stay out.
    """

    owners: Owners
    found_under: Owners
    status: SolveStatus
    lower_bound: int
    containers: int
    cost_minor: int
    packages_left: int
    loads: tuple[LoadedContainer, ...]
    unloaded: tuple[Unloaded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadAnswer:
    """Loads of a load problem.

    Parameters
    ----------
    lower_bound
        What no load plan can be below: number of containers, their cost in minor units, or for the objective
        VOLUME the value (mm3 by default) that stays out.
    support
        Policy that holds, as in files: ``full``, ``partial:750``, ``none``.
    limits
        Limits of the search and ``ended_by``: ``proof``, ``work_limit``, ``time_limit``, ``stopped``.
    pallets
        What was put onto pallets first: loads and unloaded name these pallets, status and bound are those of loading
        them as they were built.
    levels
        The same goods under every level of keeping owners apart, the laxest first; empty where nobody asked.
    """

    status: SolveStatus
    lower_bound: int
    loads: tuple[LoadedContainer, ...] = ()
    unloaded: tuple[Unloaded, ...] = ()
    support: str = "full"
    seed: int = 0
    limits: Mapping[str, Any] = field(default_factory=dict)
    pallets: tuple[BuiltPallet, ...] = ()
    levels: tuple[OwnersLevel, ...] = ()
