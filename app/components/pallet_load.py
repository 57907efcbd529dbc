"""Pallets of a container: what stands on each, and putting the goods onto pallets, or loading without them again."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components.load_words import paper_words
from app.components.plan_words import stage_words
from app.components.running_jobs import ACTIVE, LOOK_EVERY_S
from app.components.states import attempt, error_box
from app.components.tables import Column, show_table
from app.fault_lines import wrong_state_line
from app.formats import mass, number
from app.layout import Viewer, viewer
from app.load_plan_pictures import image
from app.texts import _
from consortium.documents.loading_sheet import LoadingSheet
from consortium.documents.stuffing_sheet import SheetContent
from consortium.errors import StateError
from consortium.permissions import Action
from consortium.services import jobs, pallet_loads
from consortium.services.pallet_loads import PalletDraft
from consortium.views_loads import LoadChoice, LoadView, PalletView

CM_IN_MM, KG_IN_G = 10, 1_000
PICTURE = "width:100%;max-width:26rem;background:#fff"


def show_pallets(who: Viewer, shipment_id: int, plan_id: int | None, choice: LoadChoice, sheet: LoadingSheet) -> None:
    """Show what stands on the pallets of a container, and let a manager put its goods onto pallets."""
    view = sheet.view
    manages = who.may(Action.MANAGE_SHIPMENTS) and plan_id is not None
    if not view.pallets and not manages:
        return
    with st.expander(_("Pallets: what stands on which"), icon=":material/pallet:", expanded=bool(view.pallets)):
        if view.pallets:
            _contents(view)
            _pictures(sheet)
        else:
            st.caption(_("Nothing in this container stands on a pallet of this plan."))
        if manages and plan_id is not None:
            _ask(who, shipment_id, plan_id, choice)


def _contents(view: LoadView) -> None:
    show_table(
        view.pallets,
        [
            Column(_("Pallet"), lambda one: f"{number(one.quantity)} × {one.package}"),
            Column(_("Whose"), lambda one: one.owner.label),
            Column(_("On each"), _goods),
            Column(_("Mass of each"), lambda one: mass(one.mass_g)),
            Column(_("Height (cm)"), lambda one: number(one.height_mm / CM_IN_MM, 1)),
        ],
        alt=_("Pallets of this container and what stands on each"),
        whole=True,
    )


def _goods(one: PalletView) -> str:
    kinds = Counter((each.description or each.package, each.consignment.partition("/")[2]) for each in one.places)
    return "; ".join(f"{number(count)} × {name} ({order})" for (name, order), count in kinds.items())


def _pictures(sheet: LoadingSheet) -> None:
    """Draw every kind of pallet, with its steps in words."""
    grid, words = st.grid(2, min_column_width=300), paper_words()
    for one in SheetContent(sheet, words).pallets():
        with grid, st.container():
            st.markdown(f"**{one['title']}**")
            st.html(image(one["whole"], one["whole_alt"], PICTURE))
            for step in one["steps"]:
                where = dict(step["said"])[words.gettext("Where")].replace("\n", "; ")
                st.caption(f"{step['number']}. {step['count']}: {where}")


def _ask(who: Viewer, shipment_id: int, plan_id: int, choice: LoadChoice) -> None:
    job = jobs.latest_job(who.actor, shipment_id, pallet_loads.PALLETS_JOB)
    if job is not None and job.state in ACTIVE:
        st.fragment(run_every=LOOK_EVERY_S)(_live)(job.id)
        return
    if job is not None and job.state == "failed" and _is_about(job.error, choice):
        st.warning(_why(job.error), icon=":material/block:")
    with st.form(f"pallets_{plan_id}_{choice.number}", border=False):
        with st.grid(3, min_column_width=190):
            length = st.number_input(_("Length of the pallet (cm)"), 1, 1000, 120, key="pallet_length")
            width = st.number_input(_("Width of the pallet (cm)"), 1, 1000, 80, key="pallet_width")
            boards = st.number_input(_("Height of the empty pallet (cm)"), 1.0, 100.0, 14.4, key="pallet_boards")
            high = st.number_input(_("Greatest height, loaded (cm)"), 2, 1000, 180, key="pallet_height")
            heavy = st.number_input(_("Greatest mass, loaded (kg)"), 1, 100_000, 1_500, key="pallet_mass")
            bears = st.number_input(_("May stand on a loaded one (kg)"), 0, 100_000, 0, key="pallet_bears")
        with st.container(horizontal=True):
            onto = st.form_submit_button(_("Put the goods onto pallets"), icon=":material/pallet:", key="onto_pallets")
            without = choice.on_pallets and st.form_submit_button(_("Load without pallets"), key="without_pallets")
    if onto or without:
        with attempt(_("Loading has begun; the plan changes only when everything fits and the judge accepts it.")):
            draft = PalletDraft(
                length_mm=length * CM_IN_MM,
                width_mm=width * CM_IN_MM,
                height_mm=round(boards * CM_IN_MM),
                most_height_mm=high * CM_IN_MM,
                most_mass_g=heavy * KG_IN_G,
                max_load_g=bears * KG_IN_G,
            )
            chosen = draft if onto else None
            pallet_loads.request_pallets(who.actor, shipment_id, plan_id, choice.container_id, chosen)


def _is_about(error: Mapping[str, Any], choice: LoadChoice) -> bool:
    """Say whether a failure is that of this container, or of none in particular."""
    return bool(dict(error.get("values") or {}).get("container", choice.container_id) == choice.container_id)


def _why(error: Mapping[str, Any]) -> str:
    if "state" in error:
        return wrong_state_line(StateError(str(error["state"]), dict(error.get("values") or {})))
    return _("The judge did not accept what was found, so nothing was changed.")


def _live(job_id: int) -> None:
    """Look at the job every second; when it has ended, make the page afresh once."""
    with error_box():
        job = jobs.job(viewer().actor, job_id)
        if job.state not in ACTIVE:
            st.rerun()
        with st.container(border=True):
            st.progress(min(max(job.done_permille, 0), 1000) / 1000, text=stage_words(job.stage))
            if not job.cancel_requested and st.button(_("Stop"), icon=":material/stop:", key="stop_pallets"):
                jobs.cancel_job(viewer().actor, job_id)
