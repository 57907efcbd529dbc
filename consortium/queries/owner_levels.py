"""What keeping members' goods apart costs, for who may see whole plans."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlmodel import Session, select

from consortium.database import in_transaction, need
from consortium.models import StoredAnswers, StoredPlan
from consortium.permissions import Action, Actor
from consortium.reach import reach_shipment
from consortium.views_loads import OwnersLevelView


@in_transaction
def owner_levels(
    actor: Actor, shipment_id: int, *, session: Session | None = None
) -> tuple[OwnersLevelView, ...] | None:
    """Return the levels of the plan in force, the laxest first, or None while nobody has asked.

    Every plan behind them was accepted by the judge under its level when it was kept.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    db = need(session)
    shipment = reach_shipment(actor, Action.SEE_PLANS, shipment_id, db)
    stored = None if shipment.plan_id is None else db.get(StoredPlan, shipment.plan_id)
    row = None if stored is None else db.exec(select(StoredAnswers).where(StoredAnswers.plan_id == stored.id)).first()
    if stored is None or row is None or row.plan_sha256 != stored.plan_sha256 or "owner_levels" not in row.document:
        return None
    return tuple(_levels(stored.problem, row.document["owner_levels"]))


def _levels(problem: Mapping[str, Any], levels: list[dict[str, Any]]) -> Iterator[OwnersLevelView]:
    asked = problem.get("settings", {}).get("owners", "free")
    free = levels[0].get("plan")
    for one in levels:
        plan = one.get("plan")
        cost = None if plan is None else int(plan["cost_minor"])
        yield OwnersLevelView(
            owners=one["owners"],
            is_asked=one["owners"] == asked,
            found_by=one["found_by"],
            cost_minor=cost,
            extra_minor=None if cost is None or free is None else cost - int(free["cost_minor"]),
            status="" if plan is None else plan["status"],
            containers=() if plan is None else _containers(plan),
            loose_lots=0 if plan is None else len(plan["lcl"]) + len(plan["postal"]),
            packages_left=0 if plan is None else _left(problem, plan),
        )


def _containers(plan: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(one["container_type"] for one in plan["containers"]).items()))


def _left(problem: Mapping[str, Any], plan: Mapping[str, Any]) -> int:
    """Return how many packages stay behind; goods that are not described by packages count as one."""
    goods = {one["id"]: one.get("packages") or [{"quantity": 1}] for one in problem["consignments"]}
    return sum(
        each["quantity"] for one in plan["unplanned"] for each in one.get("packages") or goods[one["consignment"]]
    )
