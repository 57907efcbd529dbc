"""Reads of questions about cost shares: all of the consortium's for managers and auditors, its own for a member."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.models import Consortium, CostShare, Job, Member, PooledShipment, ShareStudy, StoredPlan
from consortium.permissions import Action, Actor
from consortium.queries.orders import waiting_orders
from consortium.reach import id_of, reach_shares, reach_shipment
from consortium.views_studies import (
    JoiningView,
    MethodView,
    OutcomeView,
    StudyChoicesView,
    StudyView,
    VariationView,
)
from optimizer.allocation.registry import RULES

MOST_STUDIES = 30
"""Questions that are shown, the newest first."""

PROMISES = ("individually_rational", "in_core", "additive", "monotone", "dummy")
"""Properties of a rule that its view tells."""


@in_transaction
def studies(actor: Actor, shipment_id: int, *, session: Session | None = None) -> tuple[StudyView, ...]:
    """Return the questions about a shipment's shares, newest first; a member's are its own and show its own figures.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    shipment, own = reach_shares(actor, shipment_id, session)
    asked = col(ShareStudy.member_id).is_(None) if own is None else col(ShareStudy.member_id).in_(own)
    rows = session.exec(
        select(ShareStudy, Job)
        .join(Job, (col(Job.subject_id) == col(ShareStudy.id)) & (col(Job.kind) == "study"))
        .where(ShareStudy.shipment_id == shipment_id, asked)
        .order_by(col(ShareStudy.id).desc())
        .limit(MOST_STUDIES)
    ).all()
    currency = session.get_one(Consortium, shipment.consortium_id).currency
    firms = session.exec(select(Member).where(Member.consortium_id == shipment.consortium_id)).all()
    visible = [one for one in firms if own is None or id_of(one) in own]
    names = {one.code: one.name for one in visible}
    views = (_study(study, job, shipment, currency, names, session) for study, job in rows)
    return tuple(views if own is None else (_own_figures(view, frozenset(names)) for view in views))


@in_transaction
def study_choices(actor: Actor, shipment_id: int, *, session: Session | None = None) -> StudyChoicesView:
    """Return what a manager may ask about the shares of the plan in force; nothing while there is none.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.SEE_COST_SHARES, shipment_id, session)
    if shipment.plan_id is None:
        return StudyChoicesView(members={}, newcomers={}, charges={})
    charged = session.exec(
        select(Member)
        .join(CostShare, col(CostShare.member_id) == col(Member.id))
        .where(CostShare.plan_id == shipment.plan_id)
        .order_by(col(Member.code))
    ).all()
    waiting = {session.get_one(Member, one.member_id).code: one.member_id for one in waiting_orders(shipment, session)}
    return StudyChoicesView(
        members={one.code: one.name for one in charged},
        newcomers={code: session.get_one(Member, key).name for code, key in sorted(waiting.items())},
        charges=_charges(session.get_one(StoredPlan, shipment.plan_id)),
    )


def _charges(stored: StoredPlan) -> dict[str, str]:
    """Return code -> description of the charges that a plan pays."""
    paid = {line["code"] for line in stored.plan["charges"]}
    return {one["code"]: one.get("description", "") for one in stored.problem["charges"] if one["code"] in paid}


def _study(
    study: ShareStudy,
    job: Job,
    shipment: PooledShipment,
    currency: str,
    names: Mapping[str, str],
    session: Session,
) -> StudyView:
    found: Mapping[str, Any] = study.document
    charges = session.get_one(StoredPlan, study.plan_id).problem["charges"]
    joinings = found.get("joinings") or ([found["joining"]] if found.get("joining") else [])
    return StudyView(
        id=id_of(study),
        kind=str(study.question["kind"]),
        currency=currency,
        names=names,
        charge_names={one["code"]: one.get("description", "") for one in charges},
        member=str(study.question.get("member") or ""),
        days=int(study.question["days"]),
        percent=int(study.question["percent"]),
        state=job.state.value,
        stage=str(job.progress.get("stage", "")),
        done_permille=int(job.progress.get("done_permille", 0)),
        cancel_requested=job.cancel_requested,
        is_current=study.plan_id == shipment.plan_id,
        created_at=study.created_at,
        complete=bool(found.get("complete", True)),
        rule=str(found.get("rule", "")),
        before=_outcome(found.get("before")),
        after=_outcome(found.get("after")),
        volume_permille=found.get("volume_permille"),
        joinings=tuple(_joining(one) for one in joinings if one),
        variations=tuple(map(_variation, found.get("variations", ()))),
        methods=tuple(map(_method, found.get("rules", ()))),
        alone_minor=found.get("alone_minor", {}),
        weights=found.get("weights", {}),
        unions=tuple(tuple(union) for union in found.get("unions", ())),
    )


def _outcome(found: Mapping[str, Any] | None) -> OutcomeView | None:
    return None if found is None else OutcomeView(**{**found, "unplanned": tuple(found["unplanned"])})


def _variation(found: Mapping[str, Any]) -> VariationView:
    after = _outcome(found["after"])
    assert after is not None
    return VariationView(
        kind=found["kind"],
        name=found["name"],
        permille=found["permille"],
        volume_permille=found.get("volume_permille"),
        after=after,
    )


def _joining(found: Mapping[str, Any]) -> JoiningView:
    correction = found["correction"]
    return JoiningView(
        newcomer=found["newcomer"],
        changes_minor=found["changes_minor"],
        worse_off_minor=found["worse_off_minor"],
        corrected_minor=correction["shares_minor"],
        gap_minor=correction["gap_minor"],
        over_alone_minor=correction["over_alone_minor"],
        is_possible=correction["is_possible"],
        some_way=correction["some_way"],
    )


def _method(found: Mapping[str, Any]) -> MethodView:
    rule = RULES.get(found["rule"])
    return MethodView(
        rule=found["rule"],
        status=found["status"],
        reason=found["reason"],
        shares_minor=found["shares_minor"],
        above_alone=tuple(found["above_alone"]),
        verdict=found.get("verdict", ""),
        core_empty=found.get("core_empty", ""),
        largest_excess_minor=found.get("largest_excess_minor"),
        worst_coalition=tuple(found.get("worst_coalition", ())),
        promises={name: getattr(rule, name).value for name in PROMISES} if rule else {},
        degenerates=rule.degenerates if rule else False,
    )


def _own_figures(view: StudyView, own: frozenset[str]) -> StudyView:
    """Keep what is about the member's own goods: no cost of all, no joining, nobody else's share."""
    return replace(
        view,
        charge_names={},
        before=_own_outcome(view.before, own),
        after=_own_outcome(view.after, own),
        joinings=(),
        variations=(),
        methods=(),
        alone_minor={},
        weights={},
        unions=(),
    )


def _own_outcome(found: OutcomeView | None, own: frozenset[str]) -> OutcomeView | None:
    return found and replace(
        found,
        cost_minor=None,
        gap_ppm=None,
        shares_minor={code: amount for code, amount in found.shares_minor.items() if code in own},
        alone_minor={code: amount for code, amount in found.alone_minor.items() if code in own},
        unplanned=tuple(one for one in found.unplanned if one.partition("/")[0] in own),
    )
