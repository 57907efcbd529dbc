"""What other terms would have meant on past shipments: asked for, worked out by a job, shown to each its own."""

import streamlit as st

from app.components.plan_words import stage_words
from app.components.rule_form import terms_form
from app.components.rule_words import key_words
from app.components.running_jobs import ACTIVE, LOOK_EVERY_S
from app.components.states import attempt, empty_state, error_box
from app.components.tables import Column, show_table
from app.formats import moment, money, plain
from app.labels import CHARGE_CLASSES, RULES, word
from app.layout import Viewer, viewer
from app.texts import _, mark
from consortium import queries
from consortium.permissions import Action
from consortium.services import jobs, rules
from consortium.views_rules import ReplayedMemberView, ReplayedShipmentView, ReplayView

JOB_KEY = "replay_job"
"""Where the page remembers the job that it began."""

WITHOUT_SHARES = {
    "needs_recomputation": mark(
        "What is stored does not say what groups of members would have paid under these terms. "
        "Only pricing them again would tell."
    ),
    "undefined": mark("The rule has no answer for this shipment."),
}


def show_replays(who: Viewer, default_rule: str) -> None:
    """Show replays, and to a manager the form that asks for one."""
    if who.may(Action.MANAGE_RULES):
        _ask(who, default_rule)
    found = queries.replays(who.actor, who.here.id)
    if not found:
        empty_state(
            _("Nothing compared yet"),
            _("Try other terms on the agreed shipments: who would have paid what.")
            if who.may(Action.MANAGE_RULES)
            else _("When the manager tries other terms on past shipments, what they mean for you stands here."),
            icon=":material/compare_arrows:",
        )
    for index, replay in enumerate(found):
        title = " · ".join((word(RULES, replay.rule), moment(replay.created_at)))
        with st.expander(plain(title), expanded=index == 0):
            _show(replay, who.here.currency)


def _ask(who: Viewer, default_rule: str) -> None:
    job_id = st.session_state.get(JOB_KEY)
    if job_id is not None and jobs.job(who.actor, job_id).state in ACTIVE:
        st.fragment(run_every=LOOK_EVERY_S)(_live_job)(job_id)
        return
    with st.expander(_("Compare other terms"), icon=":material/compare_arrows:"):
        if read := terms_form(default_rule):
            with attempt(_("The comparison has begun.")):
                draft, recompute = read()
                st.session_state[JOB_KEY] = rules.request_replay(who.actor, who.here.id, draft, recompute=recompute)


def _live_job(job_id: int) -> None:
    """Look at the job every second; when it has ended, make the page afresh once."""
    with error_box():
        job = jobs.job(viewer().actor, job_id)
        if job.state not in ACTIVE:
            st.rerun()
        st.progress(min(max(job.done_permille, 0), 1000) / 1000, text=stage_words(job.stage))
        if not job.cancel_requested and st.button(_("Stop the search"), icon=":material/stop:", key="stop_replay"):
            jobs.cancel_job(viewer().actor, job_id)


def _show(replay: ReplayView, currency: str) -> None:
    for name, key in replay.keys.items():
        st.caption(f"{word(CHARGE_CLASSES, name)}: {key_words(name, key)}")
    for shipment in replay.shipments:
        st.markdown(f"**{plain(shipment.code)}**")
        if shipment.members:
            _members(shipment, currency)
        else:
            st.info(_(WITHOUT_SHARES.get(shipment.how, WITHOUT_SHARES["undefined"])), icon=":material/info:")


def _members(shipment: ReplayedShipmentView, currency: str) -> None:
    def change(one: ReplayedMemberView) -> str:
        return money(one.after_minor - one.before_minor, currency)

    show_table(
        shipment.members,
        [
            Column(_("Member"), lambda one: one.member_name),
            Column(_("As agreed"), lambda one: money(one.before_minor, currency), numeric=True),
            Column(_("Under these terms"), lambda one: money(one.after_minor, currency), numeric=True),
            Column(_("Difference"), change, numeric=True),
        ],
        alt=_("What each member was charged, and what it would have been"),
        key=f"replay_{shipment.shipment_id}",
    )
    said = []
    if shipment.total_minor is not None:
        said.append(_("Together {amount}, under both.", amount=money(shipment.total_minor, currency)))
    if shipment.how == "recomputed":
        said.append(_("Groups of members were priced again for this."))
    if said:
        st.caption(" ".join(said))
