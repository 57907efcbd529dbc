"""The only translator between the consortium's records and the optimiser's problem: units, ids, validity.

A consignment's id is ``member code/order code``: unique in a consortium, readable on a load list, and
nothing that tells a member more than it already knows of itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from consortium import reference_data
from consortium.gathering import cut_off_day
from consortium.models import (
    ChargeRow,
    ConsignmentRow,
    Consortium,
    DepartureRow,
    Member,
    Order,
    OrderLine,
    PooledShipment,
    Tariff,
)
from consortium.rules_in_force import terms_of
from optimizer.problem import (
    AllocationKey,
    Basis,
    Charge,
    ChargeStep,
    Consignment,
    ConsolidationProblem,
    Departure,
    IncotermStage,
    LclRounding,
    MissedDueDate,
    Mode,
    Owners,
    Package,
    Party,
    Settings,
)
from optimizer.problem_sharing import under_terms
from optimizer.units import MM3_PER_CM3

DEFAULT_INCOMPATIBLE = (("food", "chemical"), ("food", "odorous"))
"""Cargo classes that never share a container unless a shipment says otherwise: taint and contamination."""


def consignment_id(member_code: str, order_code: str) -> str:
    """Return the id under which a member's order travels."""
    return f"{member_code}/{order_code}"


def build_problem(shipment: PooledShipment, *, session: Session) -> ConsolidationProblem:
    """Freeze a pooled shipment into a problem whose charges are shared as the decision in force says.

    Parameters
    ----------
    shipment
        As for `tariff_problem`.

    Raises
    ------
    optimizer.problem.ProblemError
        As `tariff_problem`.
    """
    return under_terms(tariff_problem(shipment, session=session), terms_of(shipment, session))


def tariff_problem(shipment: PooledShipment, *, session: Session) -> ConsolidationProblem:
    """Freeze a pooled shipment into a problem: its consignments, the departures and charges open to them.

    Each charge is shared as its tariff says. Departures whose own cut-off lies before the shipment's are gone by the
    time it is frozen, and left out.

    Parameters
    ----------
    shipment
        A stored shipment; its container types (empty: all known) and settings are used.

    Raises
    ------
    optimizer.problem.ProblemError
        When the records cannot be a problem, with every fault.
    """
    consortium = session.get_one(Consortium, shipment.consortium_id)
    gathered = session.exec(
        select(ConsignmentRow, Order, Member)
        .join(Order, col(ConsignmentRow.order_id) == col(Order.id))
        .join(Member, col(ConsignmentRow.member_id) == col(Member.id))
        .where(ConsignmentRow.shipment_id == shipment.id)
        .order_by(col(Member.code), col(Order.code))
    ).all()
    lines = _lines_by_order([order.id for _, order, _ in gathered], session)
    consignments = tuple(_consignment(order, member, lines.get(order.id, [])) for _, order, member in gathered)
    lanes = {(one.origin, one.destination) for one in consignments}
    departures = tuple(
        _departure(row)
        for row in session.exec(
            select(DepartureRow)
            .where(
                DepartureRow.consortium_id == consortium.id,
                col(DepartureRow.cut_off) >= cut_off_day(shipment, consortium),
            )
            .order_by(col(DepartureRow.departure), col(DepartureRow.code))
        )
        if (row.origin, row.destination) in lanes
    )
    wanted = set(shipment.container_types)
    types = tuple(one for one in reference_data.container_types().values() if not wanted or one.code in wanted)
    parties = {member.code: member.name for _, _, member in gathered}
    pairs = shipment.settings.get("incompatible_classes", DEFAULT_INCOMPATIBLE)
    return ConsolidationProblem(
        currency=consortium.currency,
        title=shipment.title or shipment.code,
        members=tuple(Party(id=code, name=name) for code, name in parties.items()),
        consignments=consignments,
        container_types=types,
        departures=tuple(_without_limits_of_others(one, {kind.code for kind in types}) for one in departures),
        charges=tuple(_charges(consortium, departures, {kind.code for kind in types}, set(parties), session)),
        incompatible_classes=frozenset(frozenset(pair) for pair in pairs),
        settings=_settings(shipment.settings),
    )


def with_orders(
    problem: ConsolidationProblem,
    orders: Iterable[tuple[Order, Member]],
    lines: Mapping[int, list[OrderLine]],
) -> ConsolidationProblem:
    """Return a problem with further orders as consignments, to ask what they would change.

    Parameters
    ----------
    orders
        Orders of its lanes with their firms; `lines` are theirs, by order id.

    Raises
    ------
    optimizer.problem.ProblemError
        When they cannot be part of the problem.
    """
    known = {one.id for one in problem.members}
    found = list(orders)
    parties = {member.code: member.name for _, member in found if member.code not in known}
    goods = tuple(_consignment(order, member, lines.get(order.id or 0, [])) for order, member in found)
    return replace(
        problem,
        members=(*problem.members, *(Party(id=code, name=name) for code, name in parties.items())),
        consignments=(*problem.consignments, *goods),
    )


def _lines_by_order(order_ids: Iterable[int | None], session: Session) -> dict[int | None, list[OrderLine]]:
    found: dict[int | None, list[OrderLine]] = {}
    query = select(OrderLine).where(col(OrderLine.order_id).in_(list(order_ids))).order_by(col(OrderLine.id))
    for line in session.exec(query):
        found.setdefault(line.order_id, []).append(line)
    return found


def _consignment(order: Order, member: Member, lines: list[OrderLine]) -> Consignment:
    packages = tuple(
        Package(
            id=line.code,
            quantity=line.quantity,
            length_mm=line.length_mm,
            width_mm=line.width_mm,
            height_mm=line.height_mm,
            mass_g=line.mass_g,
            vertical=tuple(line.vertical),
            max_load_g=line.max_load_g,
            description=line.description,
            hs=line.hs,
        )
        for line in lines
    )
    volume_mm3 = sum(one.quantity * one.unit_volume_mm3 for one in packages) or (order.volume_cm3 or 0) * MM3_PER_CM3
    return Consignment(
        id=consignment_id(member.code, order.code),
        member=member.code,
        origin=order.origin,
        destination=order.destination,
        ready_date=order.ready_date,
        due_date=order.due_date,
        consignee=order.buyer or None,
        cargo_class=order.cargo_class,
        incoterm=order.incoterm,
        value_minor=order.value_minor,
        delay_cost_ppm_per_day=order.delay_cost_ppm_per_day,
        divisible=order.divisible,
        packages=packages,
        volume_mm3=volume_mm3,
        mass_g=sum(one.quantity * one.mass_g for one in packages) or order.mass_g or 0,
    )


def _departure(row: DepartureRow) -> Departure:
    return Departure(
        id=row.code,
        origin=row.origin,
        destination=row.destination,
        carrier=row.carrier,
        cut_off=row.cut_off,
        departure=row.departure,
        arrival=row.arrival,
        container_limits=dict(row.container_limits),
    )


def _without_limits_of_others(departure: Departure, codes: set[str]) -> Departure:
    return replace(
        departure, container_limits={code: n for code, n in departure.container_limits.items() if code in codes}
    )


def _charges(
    consortium: Consortium, departures: tuple[Departure, ...], types: set[str], members: set[str], session: Session
) -> Iterable[Charge]:
    """Yield the charges of every tariff in the consortium's currency, each for the departures it is valid on."""
    rows = session.exec(
        select(ChargeRow, Tariff)
        .join(Tariff, col(ChargeRow.tariff_id) == col(Tariff.id))
        .where(Tariff.consortium_id == consortium.id, Tariff.currency == consortium.currency)
        .order_by(col(Tariff.code), col(ChargeRow.code))
    ).all()
    codes = [row.code for row, _ in rows]
    for row, tariff in rows:
        valid = {
            one.id
            for one in departures
            if tariff.valid_from <= one.departure and (tariff.valid_to is None or one.departure <= tariff.valid_to)
        }
        filters = {name: set(values) for name, values in row.filters.items() if values is not None}
        filters["departures"] = filters.get("departures", valid) & valid
        for name, known in (("container_types", types), ("members", members)):
            if name in filters:
                filters[name] &= known
        if not all(filters.values()):
            continue  # a filter that nothing here can pass: the charge cannot arise
        if len(filters["departures"]) == len(departures):
            del filters["departures"]
        code = row.code if codes.count(row.code) == 1 else f"{tariff.code}:{row.code}"
        yield _charge(row, code, filters)


def _charge(row: ChargeRow, code: str, filters: Mapping[str, set[str]]) -> Charge:
    def chosen(name: str) -> frozenset[str] | None:
        return frozenset(filters[name]) if name in filters else None

    return Charge(
        code=code,
        description=row.description,
        basis=Basis(row.basis),
        amount_minor=row.amount_minor,
        rate_ppm=row.rate_ppm,
        minimum_minor=row.minimum_minor,
        maximum_minor=row.maximum_minor,
        gross_mass_over_g=row.gross_mass_over_g,
        steps=tuple(ChargeStep(from_units=step["from"], amount_minor=step["amount_minor"]) for step in row.steps),
        modes=frozenset(Mode(one) for one in filters["modes"]) if "modes" in filters else None,
        container_types=chosen("container_types"),
        departures=chosen("departures"),
        origins=chosen("origins"),
        destinations=chosen("destinations"),
        cargo_classes=chosen("cargo_classes"),
        members=chosen("members"),
        incoterm_stage=IncotermStage(row.incoterm_stage) if row.incoterm_stage else None,
        allocation_key=AllocationKey(row.allocation_key),
    )


def _settings(stored: Mapping[str, Any]) -> Settings:
    return Settings(
        modes=tuple(Mode(one) for one in stored.get("modes", ("fcl", "lcl", "postal"))),
        lcl_rounding=LclRounding(stored.get("lcl_rounding", "exact")),
        missed_due_date=MissedDueDate(stored.get("missed_due_date", "forbidden")),
        delay_counts_transit=bool(stored.get("delay_counts_transit", False)),
        owners=Owners(stored.get("owners", "free")),
    )
