"""Reads of load plans: the whole container for who may see whole plans, its own packages for a member.

One rule for pages, papers and links (`view_of_load`): a firm that the viewer does not know is drawn in one neutral
look without a word, and only where at least three such firms share the container; otherwise it is left out, and with
it every number about the whole, because a firm that knows its own part could tell a rival's from the rest.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import NotFoundError
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import Member, StoredPlan
from consortium.permissions import Action, Actor, ForbiddenError, may
from consortium.queries.plans import OTHERS_BEHIND_A_TOTAL
from consortium.reach import authorise_somewhere, own_members, reach_shipment
from consortium.views_loads import NEUTRAL, LoadChoice, LoadPlace, LoadView, OwnerLook, PalletView
from optimizer.checking_load_plans import check_load_plans, has_pallets, standing_on_pallets
from optimizer.checking_loads import recounted
from optimizer.checking_placements import load_container, load_packages, stranger
from optimizer.load_problem import LoadPackage
from optimizer.problem import ConsolidationProblem
from optimizer.result import ContainerLoad, Placement, ShipmentPlan, SolveStatus, Violation

Standing = tuple[Placement, LoadPackage]

MOST_NAMED = 3
"""Kinds of goods that the name of a pallet tells."""


@in_transaction
def load_choices(actor: Actor, shipment_id: int, *, session: Session | None = None) -> tuple[LoadChoice, ...] | None:
    """Return the containers of a shipment's plan in force whose load the viewer may open, None while there is no plan.

    A member's are those that carry goods of its own; it reads no ids, whose gaps would tell of others.
    """
    found = _reach(actor, shipment_id, need(session))
    if found is None:
        return None
    departures = {one["id"]: one for one in found.stored.problem["departures"]}
    return tuple(
        LoadChoice(
            number=number,
            container_id=load["id"] if found.sees_all else str(number),
            container_type=load["container_type"],
            departs=date.fromisoformat(departures[load["departure"]]["departure"]),
            has_load_plan=load.get("load_plan") is not None,
            on_pallets=bool((load.get("load_plan") or {}).get("pallets")),
        )
        for number, load in enumerate(found.containers(), start=1)
    )


@in_transaction
def load_view(actor: Actor, shipment_id: int, number: int, *, session: Session | None = None) -> LoadView | None:
    """Return the load of one container as far as the viewer may know it, None while the shipment has no plan.

    Parameters
    ----------
    number
        Position among the containers that `load_choices` gives this viewer, from 1 on.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    found = _reach(actor, shipment_id, need(session))
    if found is None:
        return None
    containers = found.containers()
    if not 1 <= number <= len(containers):
        raise NotFoundError("container", number)
    problem, _ = problem_of(found.stored.problem)
    plan, _ = read_plan_document({**found.stored.plan, "containers": [containers[number - 1]]})
    if found.sees_all:
        return view_of_load(problem, plan.containers[0], looks_of(problem))
    # looks are counted among its own firms: a place among all members would tell how many there are
    view = view_of_load(problem, plan.containers[0], looks_of(problem, found.own_codes), sees_all=False)
    return replace(view, container_id=str(number))


@dataclass(frozen=True)
class _Reached:
    """A plan in force, and whether the viewer may open all of it or what carries goods of its own firms."""

    stored: StoredPlan
    own_codes: frozenset[str]
    sees_all: bool

    def containers(self) -> list[dict[str, Any]]:
        """Return the containers that the viewer may open, as the plan's document has them."""
        owners = {one["id"]: one["member"] for one in self.stored.problem["consignments"]}
        return [
            load
            for load in self.stored.plan["containers"]
            if self.sees_all or any(owners[part["consignment"]] in self.own_codes for part in load["contents"])
        ]


def _reach(actor: Actor, shipment_id: int, session: Session) -> _Reached | None:
    authorise_somewhere(actor, Action.SEE_OWN_COST_SHARE)
    shipment = reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, session)
    sees_all = may(actor, Action.SEE_PLANS, shipment.consortium_id)
    own = own_members(actor, shipment.consortium_id)
    if not sees_all and not own:
        raise ForbiddenError(Action.SEE_PLANS.value)
    stored = session.get(StoredPlan, shipment.plan_id) if shipment.plan_id is not None else None
    if stored is None:
        return None
    codes = frozenset(session.exec(select(Member.code).where(col(Member.id).in_(own)))) if own else frozenset()
    return _Reached(stored, codes, sees_all)


def looks_of(problem: ConsolidationProblem, codes: frozenset[str] | None = None) -> dict[str, OwnerLook]:
    """Return the looks of members (None: all of them) by name, in the order of the problem."""
    chosen = [one for one in problem.members if codes is None or one.id in codes]
    return {one.id: OwnerLook(label=one.name or one.id, look=index) for index, one in enumerate(chosen)}


def view_of_load(
    problem: ConsolidationProblem, load: ContainerLoad, known: Mapping[str, OwnerLook], *, sees_all: bool = True
) -> LoadView:
    """Return what a viewer may see of a planned container.

    Parameters
    ----------
    known
        Label and look of each member that the viewer knows, by member id.
    sees_all
        Whether the viewer may know everything of the container; the others of `known` are then neutral by choice.
        Where it may not, the rule of three other firms holds.
    """
    kind = problem.container_type[load.container_type]
    box = load_container(kind)
    standing = standing_of(problem, load)
    is_whole = sees_all or len(_firms(problem, load) - known.keys()) >= OTHERS_BEHIND_A_TOTAL
    shown = standing if is_whole else [pair for pair in standing if pair[1].owner in known]
    descriptions = {(one.id, each.id): each.description for one in problem.consignments for each in one.packages}
    descriptions |= dict(_pallet_names(load, descriptions))
    departure = next(one for one in problem.departures if one.id == load.departure)
    whole = recounted(box, standing) if is_whole and standing else None
    verdict = tuple(check_load_plans(problem, _alone(load)))
    return LoadView(
        container_id=load.id,
        container_type=kind.code,
        length_mm=box.length_mm,
        width_mm=box.width_mm,
        height_mm=box.height_mm,
        top_mm=box.top_mm,
        door_width_mm=box.door_mm[0],
        door_height_mm=box.door_mm[1],
        tare_g=kind.tare_g or None,
        payload_g=kind.payload_g,
        departure=departure.id,
        origin=departure.origin,
        destination=departure.destination,
        carrier=departure.carrier,
        departs=departure.departure,
        support="" if load.load_plan is None else load.load_plan.support,
        places=tuple(
            _place(number, place, one, known.get(one.owner, NEUTRAL), descriptions)
            for number, (place, one) in enumerate(shown, start=1)
        ),
        has_load_plan=load.load_plan is not None,
        is_whole=is_whole,
        fill_permille=whole.fill_permille if whole else None,
        cargo_mass_g=load.mass_g if is_whole else None,
        centre_of_gravity_permille=whole.centre_of_gravity_permille if whole else None,
        balance=whole.balance if whole else None,
        verdict=verdict if sees_all else tuple(without_names(verdict)),
        pallets=tuple(_pallets(problem, load, shown, known, descriptions)),
    )


def _firms(problem: ConsolidationProblem, load: ContainerLoad) -> set[str]:
    owners = {one.id: one.member for one in problem.consignments}
    return {owners[part.consignment] for part in load.contents}


def standing_of(problem: ConsolidationProblem, load: ContainerLoad) -> list[Standing]:
    """Return every placement with its kind of package or pallet, in the order of loading."""
    if has_pallets(load):
        return sorted(standing_on_pallets(problem, load), key=lambda pair: pair[0].step)
    packages = load_packages(problem)
    placements = () if load.load_plan is None else load.load_plan.placements
    return [
        (one, packages.get((one.consignment, one.package)) or stranger(one))
        for one in sorted(placements, key=lambda one: one.step)
    ]


def _place(
    step: int, place: Placement, one: LoadPackage, owner: OwnerLook, descriptions: Mapping[tuple[str, str], str]
) -> LoadPlace:
    named = owner is not NEUTRAL
    return LoadPlace(
        step=step,
        package=place.package if named else "",
        description=descriptions.get((place.consignment, place.package), "") if named else "",
        consignment=place.consignment if named else "",
        owner=owner,
        x_mm=place.x_mm,
        y_mm=place.y_mm,
        z_mm=place.z_mm,
        dx_mm=place.dx_mm,
        dy_mm=place.dy_mm,
        dz_mm=place.dz_mm,
        mass_g=one.mass_g if named else None,
    )


def _pallet_names(
    load: ContainerLoad, descriptions: Mapping[tuple[str, str], str]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what pallets are called where they are loaded: ``EUR-1 (24 × Honey + 8 × Wax)``."""
    for one in load.load_plan.pallets if load.load_plan else ():
        kinds = Counter((each.consignment, each.package) for each in one.cartons)
        parts = [f"{count} × {descriptions.get(key) or key[1]}" for key, count in kinds.most_common(MOST_NAMED)]
        more = ["…"] if len(kinds) > MOST_NAMED else []
        yield (one.consignment, one.id), f"{one.id} ({' + '.join([*parts, *more])})"


def _pallets(
    problem: ConsolidationProblem,
    load: ContainerLoad,
    shown: Iterable[Standing],
    known: Mapping[str, OwnerLook],
    descriptions: Mapping[tuple[str, str], str],
) -> Iterator[PalletView]:
    """Yield the pallets among what is shown whose owner the viewer knows."""
    kind = load.load_plan.pallet if load.load_plan else None
    if load.load_plan is None or kind is None:
        return
    packages = load_packages(problem)
    counts = Counter((place.consignment, place.package) for place, _ in shown)
    for one in load.load_plan.pallets:
        owner, quantity = known.get(one.owner), counts[one.consignment, one.id]
        if owner is None or not quantity:
            continue
        cartons = sorted(one.cartons, key=lambda each: each.step)
        yield PalletView(
            package=one.id,
            consignment=one.consignment,
            owner=owner,
            quantity=quantity,
            length_mm=kind.length_mm,
            width_mm=kind.width_mm,
            board_mm=kind.height_mm,
            height_mm=one.height_mm,
            mass_g=one.mass_g,
            pallet_mass_g=kind.mass_g,
            max_load_g=one.max_load_g,
            places=tuple(
                _place(
                    number, each, packages.get((each.consignment, each.package)) or stranger(each), owner, descriptions
                )
                for number, each in enumerate(cartons, start=1)
            ),
        )


def _alone(load: ContainerLoad) -> ShipmentPlan:
    """Return a plan of this container only: what the judge of placements looks at is in it."""
    return ShipmentPlan(status=SolveStatus.FEASIBLE, cost_minor=0, lower_bound_minor=0, containers=(load,))


def without_names(verdict: Iterable[Violation]) -> Iterator[Violation]:
    """Yield the broken rules, each once: subjects and numbers may be those of a rival's packages."""
    for rule in dict.fromkeys(one.rule for one in verdict):
        yield Violation(rule=rule, subject="", claimed="", found="")
