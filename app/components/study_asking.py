"""Asking about cost shares, and watching the job that works the answer out."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.plan_words import stage_words
from app.components.running_jobs import ACTIVE, LOOK_EVERY_S
from app.components.states import attempt, error_box
from app.components.study_words import KINDS, title
from app.formats import plain
from app.labels import words
from app.layout import Viewer, viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import studies as studying
from consortium.study_questions import OWN_QUESTIONS, StudyDraft
from consortium.views_studies import StudyChoicesView, StudyView


def running(shipment_id: int, found: Sequence[StudyView]) -> bool:
    """Show the question that is being worked out, if there is one, and say whether there is."""
    active = next((each for each in found if each.state in ACTIVE), None)
    if active is not None:
        st.fragment(run_every=LOOK_EVERY_S)(_live)(shipment_id, active.id)
    elif found and found[0].state == "failed":
        st.error(_("The last question could not be worked out. Ask again; if it fails again, tell your administrator."))
    return active is not None


def _live(shipment_id: int, study_id: int) -> None:
    """Look at the job every second; when it has ended, make the page afresh once."""
    with error_box():
        actor = viewer().actor
        study = next((each for each in queries.studies(actor, shipment_id) if each.id == study_id), None)
        if study is None or study.state not in ACTIVE:
            st.rerun()
        with st.container(border=True):
            st.markdown(f"**{plain(title(study))}**")
            waits = study.state == "queued"
            text = _("It begins as soon as the work before it is done.") if waits else stage_words(study.stage)
            st.progress(min(max(study.done_permille, 0), 1000) / 1000, text=text)
            if study.cancel_requested:
                st.caption(_("Stopping; what was found so far is kept."))
            elif st.button(_("Stop"), icon=":material/stop:", key="stop_study"):
                studying.cancel_study(actor, study_id)


def ask(who: Viewer, shipment_id: int, label: str, key: str, **values: object) -> None:
    """Offer a button that asks."""
    if st.button(label, type="primary", icon=":material/manage_search:", key=key):
        with attempt(_("The question is being worked out.")):
            studying.request_study(who.actor, shipment_id, StudyDraft(**values))


def ask_what_if(who: Viewer, shipment_id: int, members: Mapping[str, str], newcomers: Mapping[str, str]) -> None:
    """Let a change of one member be chosen and asked about: by a manager of any, by a member of itself."""
    kinds = [kind for kind in KINDS if kind != "joins" or newcomers]
    if not who.may(Action.MANAGE_SHIPMENTS):
        kinds = [kind for kind in kinds if kind in OWN_QUESTIONS]
    with st.container(border=True):
        kind = st.selectbox(_("What happens"), kinds, format_func=words(KINDS).__getitem__, key="if_kind")
        firms = newcomers if kind == "joins" else members
        member = next(iter(firms), None)
        if len(firms) > 1:
            member = st.selectbox(_("Member"), list(firms), format_func=firms.__getitem__, key=f"if_{kind}")
        values: dict[str, object] = {}
        if kind == "delays":
            values["days"] = int(st.number_input(_("Days later"), 1, 120, 7, key="if_days"))
        if kind == "ships_less":
            values["percent"] = int(st.number_input(_("Less by, in per cent"), 1, 90, 20, key="if_percent"))
        ask(who, shipment_id, _("Work it out"), "ask_if", kind=kind, member=member, **values)


def ask_sensitivity(who: Viewer, shipment_id: int, choices: StudyChoicesView) -> None:
    """Let charges and members be chosen whose price or volume moves."""
    with st.container(border=True):
        charges = st.multiselect(
            _("Charges whose price moves"),
            list(choices.charges),
            format_func={code: f"{name} ({code})" for code, name in choices.charges.items()}.__getitem__,
            placeholder=_("Choose"),
            key="moves_charges",
        )
        members = st.multiselect(
            _("Members whose volume moves"),
            list(choices.members),
            format_func=choices.members.__getitem__,
            placeholder=_("Choose"),
            key="moves_members",
        )
        by = int(st.number_input(_("Up and down by, in per cent"), 1, 90, 10, key="moves_percent"))
        st.caption(
            _("Each is planned and shared twice, lower and higher: seconds for a few members, minutes for many.")
        )
        ask(
            who,
            shipment_id,
            _("Work it out"),
            "ask_moves",
            kind="sensitivity",
            charges=charges,
            members=members,
            percent=by,
        )
