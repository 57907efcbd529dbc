"""Reads of plans and cost shares: everything for managers and auditors, its own part for a member."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import NotFoundError
from consortium.formats.canonical import canonical
from consortium.models import Consortium, CostShare, Member, PooledShipment, StoredPlan
from consortium.permissions import Action, Actor, ForbiddenError
from consortium.reach import authorise_somewhere, id_of, own_members, reach_shares, reach_shipment
from consortium.views_answers import WishView
from consortium.views_plans import (
    CertificateView,
    ChargePartView,
    ChargeSumView,
    ComparisonView,
    ContainerView,
    CostShareView,
    MemberPlanView,
    PlanView,
    PoolTotalsView,
    StepView,
    TravellingView,
    UnplannedView,
    WayView,
)
from optimizer.allocation.explaining import waterfall_numbers, waterfall_of

OTHERS_BEHIND_A_TOTAL = 3
"""A member sees a total only when at least this many other firms stand behind it: with fewer, a firm that
knows its own part could tell a rival's from the rest."""


@in_transaction
def plan(
    actor: Actor, shipment_id: int, plan_id: int | None = None, *, session: Session | None = None
) -> PlanView | None:
    """Return a shipment's plan in force (or an earlier one), whole, or None while there is none."""
    session = need(session)
    shipment = reach_shipment(actor, Action.SEE_PLANS, shipment_id, session)
    stored = _stored(shipment, plan_id, session)
    if stored is None:
        return None
    consortium = session.get_one(Consortium, shipment.consortium_id)
    reading = _Reading(stored)
    travelling = list(reading.travelling())
    return PlanView(
        id=id_of(stored),
        shipment_id=shipment_id,
        currency=consortium.currency,
        status=stored.status,
        cost_minor=stored.cost_minor,
        lower_bound_minor=stored.lower_bound_minor,
        gap_ppm=stored.plan["gap_ppm"],
        is_cheapest_by_volume=_is_cheapest_by_volume(stored),
        ended_by=str(stored.plan.get("limits", {}).get("ended_by", "")),
        delay_cost_minor=sum(line["amount_minor"] for line in stored.plan["delay_costs"]),
        containers=tuple(reading.containers(travelling)),
        loose=tuple(one for one in travelling if one.container is None),
        unplanned=tuple(reading.unplanned()),
        charges=tuple(reading.charge_sums()),
        comparison=_comparison(stored),
        rule=str(stored.allocation.get("rule", shipment.allocation_rule)),
        shares_missing=str(stored.allocation.get("missing", "")),
        certificate=verdict_of(stored),
        problem_sha256=stored.problem_sha256,
        plan_sha256=stored.plan_sha256,
        created_at=stored.created_at,
    )


@in_transaction
def cost_shares(actor: Actor, shipment_id: int, *, session: Session | None = None) -> tuple[CostShareView, ...]:
    """Return the cost shares of the plan in force: all for who may see them, only its own for a member."""
    session = need(session)
    shipment, own = reach_shares(actor, shipment_id, session)
    stored = _stored(shipment, None, session)
    if stored is None:
        return ()
    query = (
        select(CostShare, Member)
        .join(Member, col(CostShare.member_id) == col(Member.id))
        .where(CostShare.plan_id == stored.id)
        .order_by(col(Member.code))
    )
    if own is not None:
        query = query.where(col(CostShare.member_id).in_(own))
    currency = session.get_one(Consortium, shipment.consortium_id).currency
    views = tuple(_share(row, member, currency) for row, member in session.exec(query))
    names = {one["code"]: one.get("description", "") for one in stored.problem["charges"]}
    if own is None:
        return tuple(_with_way(view, names) for view in views)
    charged = set(session.exec(select(CostShare.member_id).where(CostShare.plan_id == stored.id)))
    few = len(charged - own) < OTHERS_BEHIND_A_TOTAL
    return tuple(_with_way(_without_rivals(view, few), names) for view in views)


@in_transaction
def member_plan(actor: Actor, shipment_id: int, *, session: Session | None = None) -> MemberPlanView | None:
    """Return what a member may see of the plan in force, or None while there is none or it takes no part."""
    session = need(session)
    authorise_somewhere(actor, Action.SEE_OWN_COST_SHARE)
    shipment = reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, session)
    own = own_members(actor, shipment.consortium_id)
    if not own:
        raise ForbiddenError(Action.SEE_OWN_COST_SHARE.value)
    stored = _stored(shipment, None, session)
    if stored is None:
        return None
    codes = set(session.exec(select(Member.code).where(col(Member.id).in_(own))))
    reading = _Reading(stored)
    travelling = list(reading.travelling())
    mine = tuple(_without_pool(one) for one in travelling if one.member_code in codes)
    left = tuple(one for one in reading.unplanned() if one.member_code in codes)
    if not mine and not left:
        return None
    return MemberPlanView(
        plan_id=id_of(stored),
        shipment_id=shipment_id,
        currency=session.get_one(Consortium, shipment.consortium_id).currency,
        status=stored.status,
        gap_ppm=stored.plan["gap_ppm"],
        is_cheapest_by_volume=_is_cheapest_by_volume(stored),
        rule=str(stored.allocation.get("rule", shipment.allocation_rule)),
        travelling=mine,
        unplanned=left,
        shares=tuple(one for one in cost_shares(actor, shipment_id, session=session) if one.member_code in codes),
        certificate=_for_members(verdict_of(stored)),
        totals=pool_totals(stored, codes, session),
        created_at=stored.created_at,
    )


def _stored(shipment: PooledShipment, plan_id: int | None, session: Session) -> StoredPlan | None:
    wanted = plan_id if plan_id is not None else shipment.plan_id
    found = session.get(StoredPlan, wanted) if wanted is not None else None
    if plan_id is not None and (found is None or found.shipment_id != shipment.id):
        raise NotFoundError("plan", plan_id)
    return found


def _is_cheapest_by_volume(stored: StoredPlan) -> bool:
    """Say whether the plan carries everything for no more than any within the usable volumes."""
    bound_minor = stored.plan.get("limits", {}).get("lower_bound_by_volume_minor")
    return bound_minor is not None and stored.cost_minor <= bound_minor and not stored.plan["unplanned"]


def _share(row: CostShare, member: Member, currency: str) -> CostShareView:
    alone = row.stand_alone_cost_minor
    return CostShareView(
        member_id=id_of(member),
        member_code=member.code,
        member_name=member.name,
        currency=currency,
        cost_share_minor=row.cost_share_minor,
        pays_minor=row.pays_minor,
        buyers_pay_minor=row.buyers_pay_minor,
        stand_alone_cost_minor=alone,
        saving_minor=None if alone is None else alone - row.cost_share_minor,
        why=row.why,
    )


def _with_way(view: CostShareView, names: Mapping[str, str]) -> CostShareView:
    """Tell the way from the cost alone to the payment that is kept with a share, with the names of its charges."""
    if "waterfall" not in view.why:
        return view
    found = waterfall_of(view.why["waterfall"])
    charges = tuple(ChargePartView(**asdict(one)) for one in found.charges)
    return replace(
        view,
        way=WayView(
            steps=tuple(
                StepView(kind=one.kind.value, code=one.code, key=one.key, amount_minor=one.amount_minor)
                for one in found.steps()
            ),
            charges=charges,
            to_pay_minor=found.to_pay_minor,
        ),
        charge_names={one.code: names[one.code] for one in charges if one.code in names},
    )


NAMES_OF_OTHERS = frozenset({"binding_coalitions", "binding_excess_minor", "coalitions", "worst_coalition"})
"""Keys of an explanation that name other members, or what a group saves: left out of what a member sees."""


OWN_FIGURES = frozenset({"alone_plan", "measures", "saving_minor", "stand_alone_minor", "waterfall"})
"""Keys of an explanation that are about the member's own goods alone, however few other firms there are.

What the share would be by volume, or what a charge that is shared by a measure comes to, tells the volume of all to
whoever knows the tariff.
"""


def _without_rivals(view: CostShareView, few: bool) -> CostShareView:
    """Leave out names of others, of groups that bind all but their number; with few firms, what tells a total too."""
    why = {key: value for key, value in view.why.items() if key not in NAMES_OF_OTHERS}
    if view.why.get("binding_coalitions"):
        why["binding_groups"] = len(view.why["binding_coalitions"])
    if few:
        why = {key: value for key, value in why.items() if key in OWN_FIGURES}
        if "waterfall" in why:
            why["waterfall"] = waterfall_numbers(waterfall_of(why["waterfall"]).in_one())
    return replace(view, why=why)


def _without_pool(one: TravellingView) -> TravellingView:
    """Leave out the container's number: numbers with gaps would tell how many others there are."""
    return replace(one, container=None if one.container is None else "")


def _comparison(stored: StoredPlan) -> ComparisonView:
    known: Mapping[str, Any] = stored.comparison
    origin: Mapping[str, Any] = known.get("instead_of", {})
    return ComparisonView(
        pooled_minor=stored.cost_minor,
        each_alone_minor=known.get("each_alone_minor"),
        all_lcl_minor=known.get("all_lcl_minor"),
        no_waiting_minor=known.get("no_waiting_minor"),
        waiting_cost_minor=int(known.get("waiting_cost_minor", 0)),
        chosen_for=tuple(WishView(**wish) for wish in origin.get("wishes", ())),
        chosen_extra_minor=int(origin.get("extra_cost_minor", 0)),
    )


def verdict_of(stored: StoredPlan) -> CertificateView | None:
    """Return what was found out about a stored plan's shares, None where no group was priced."""
    known: Mapping[str, Any] = stored.certificate
    if "verdict" not in known:
        return None
    return CertificateView(
        verdict=str(known["verdict"]),
        members=int(known["members"]),
        coalitions_compared=int(known["coalitions_compared"]),
        largest_excess_minor=known["largest_excess_minor"],
        worst_coalition=tuple(known["worst_coalition"]),
        individually_rational=str(known["individually_rational"]),
        core_empty=str(known["core_empty"]),
        rounding_units=int(known["rounding_units"]),
    )


def _for_members(certificate: CertificateView | None) -> CertificateView | None:
    """Keep the verdict and leave out who else is in the worst group and by how much it would gain."""
    if certificate is None:
        return None
    return replace(certificate, members=0, coalitions_compared=0, largest_excess_minor=None, worst_coalition=())


def pool_totals(stored: StoredPlan, own_codes: set[str], session: Session) -> PoolTotalsView | None:
    """Return a plan's totals for somebody who knows the figures of some firms, None where they would tell more.

    They would where fewer than three other firms stand behind them, and where fewer than three other firms ship
    something else than in an earlier plan of the shipment: the difference of both plans' totals would be theirs.
    """
    everything = list(_Reading(stored).travelling())
    firms = {one.member_code for one in everything}
    if len(firms - own_codes) < OTHERS_BEHIND_A_TOTAL:
        return None
    goods = _goods_by_firm(stored)
    earlier = select(StoredPlan).where(StoredPlan.shipment_id == stored.shipment_id, col(StoredPlan.id) < stored.id)
    for other in session.exec(earlier):
        before = _goods_by_firm(other)
        changed = {firm for firm in goods.keys() | before.keys() if goods.get(firm) != before.get(firm)} - own_codes
        if 0 < len(changed) < OTHERS_BEHIND_A_TOTAL <= len(before.keys() - own_codes):
            return None
    return PoolTotalsView(
        members=len(firms),
        containers=len(stored.plan["containers"]),
        cost_minor=stored.cost_minor,
        volume_cm3=sum(one.volume_cm3 for one in everything),
        mass_g=sum(one.mass_g for one in everything),
    )


def _goods_by_firm(stored: StoredPlan) -> dict[str, list[str]]:
    """Return what of each firm's travels, in a form that is the same for the same goods."""
    reading = _Reading(stored)
    goods: defaultdict[str, list[str]] = defaultdict(list)
    for one in reading.travelling():
        sizes = (one.packages, one.volume_cm3, one.mass_g)
        goods[one.member_code].append(canonical([reading.consignments[one.consignment], sizes]))
    return {firm: sorted(found) for firm, found in goods.items()}


class _Reading:
    """Reads a stored plan beside its problem, both as published documents."""

    def __init__(self, stored: StoredPlan) -> None:
        self.document: Mapping[str, Any] = stored.plan
        problem: Mapping[str, Any] = stored.problem
        self.consignments = {one["id"]: one for one in problem["consignments"]}
        self.departures = {one["id"]: one for one in problem["departures"]}
        self.types = {one["code"]: one for one in problem["container_types"]}
        self.names = {one["id"]: one.get("name") or one["id"] for one in problem["members"]}
        self.descriptions = {one["code"]: one.get("description", "") for one in problem["charges"]}

    def travelling(self) -> Iterator[TravellingView]:
        """Yield every consignment or part in the order of containers, LCL lots, parcels."""
        for container in self.document["containers"]:
            for part in container["contents"]:
                yield self._one("fcl", container["departure"], part["consignment"], part, container["id"])
        for mode in ("lcl", "postal"):
            for lot in self.document[mode]:
                yield self._one(mode, lot["departure"], lot["consignment"], lot, None)

    def _one(
        self, mode: str, departure_id: str, consignment_id: str, part: Mapping[str, Any], container: str | None
    ) -> TravellingView:
        consignment, departure = self.consignments[consignment_id], self.departures[departure_id]
        packages, volume_cm3, mass_g = self._sizes(consignment, part.get("packages") or ())
        return TravellingView(
            consignment=consignment_id,
            member_code=consignment["member"],
            member_name=self.names[consignment["member"]],
            order_code=consignment_id.partition("/")[2] or consignment_id,
            mode=mode,
            container=container,
            departure=departure_id,
            origin=departure["origin"],
            destination=departure["destination"],
            ready_date=date.fromisoformat(consignment["ready_date"]),
            departs=date.fromisoformat(departure["departure"]),
            arrives=date.fromisoformat(departure["arrival"]),
            packages=packages,
            volume_cm3=volume_cm3,
            mass_g=mass_g,
        )

    def _sizes(self, consignment: Mapping[str, Any], chosen: Iterable[Mapping[str, Any]]) -> tuple[int, int, int]:
        known = {one["id"]: one for one in consignment.get("packages") or ()}
        counts = {one["id"]: one["quantity"] for one in chosen} or {key: one["quantity"] for key, one in known.items()}
        if not known:
            return 0, consignment["volume_cm3"], consignment["mass_g"]
        volume_mm3 = sum(
            count * known[key]["length_mm"] * known[key]["width_mm"] * known[key]["height_mm"]
            for key, count in counts.items()
        )
        mass_g = sum(count * known[key]["mass_g"] for key, count in counts.items())
        return sum(counts.values()), volume_mm3 // 1000, mass_g

    def containers(self, travelling: Iterable[TravellingView]) -> Iterator[ContainerView]:
        """Yield the containers with their fill and contents."""
        by_container = defaultdict(list)
        for one in travelling:
            by_container[one.container].append(one)
        for container in self.document["containers"]:
            kind, departure = self.types[container["container_type"]], self.departures[container["departure"]]
            usable_cm3 = kind["volume_cm3"] * kind.get("usable_volume_permille", 1000) // 1000
            yield ContainerView(
                id=container["id"],
                container_type=container["container_type"],
                container_name=kind.get("name") or container["container_type"],
                departure=container["departure"],
                origin=departure["origin"],
                destination=departure["destination"],
                carrier=departure.get("carrier", ""),
                departs=date.fromisoformat(departure["departure"]),
                arrives=date.fromisoformat(departure["arrival"]),
                mass_g=container["mass_g"],
                volume_cm3=container["volume_cm3"],
                volume_fill_permille=container["volume_cm3"] * 1000 // usable_cm3,
                payload_fill_permille=container["mass_g"] * 1000 // kind["payload_g"],
                contents=tuple(by_container[container["id"]]),
            )

    def unplanned(self) -> Iterator[UnplannedView]:
        """Yield what stays behind, with reason and cure."""
        for one in self.document["unplanned"]:
            member = self.consignments[one["consignment"]]["member"]
            yield UnplannedView(
                consignment=one["consignment"],
                member_code=member,
                member_name=self.names[member],
                order_code=one["consignment"].partition("/")[2] or one["consignment"],
                reason=one["reason"],
                detail=one.get("detail", {}),
            )

    def charge_sums(self) -> Iterator[ChargeSumView]:
        """Yield one sum per charge, dearest first."""
        sums: dict[str, list[int]] = defaultdict(list)
        for line in self.document["charges"]:
            sums[line["code"]].append(line["amount_minor"])
        for code, amounts in sorted(sums.items(), key=lambda pair: (-sum(pair[1]), pair[0])):
            yield ChargeSumView(
                code=code, description=self.descriptions.get(code, ""), lines=len(amounts), amount_minor=sum(amounts)
            )
