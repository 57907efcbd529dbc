"""What keeping members' goods apart costs: a table of the levels, and the job that works it out."""

import streamlit as st

from app.components.choices import container_names
from app.components.running_jobs import ACTIVE, watch_search
from app.components.states import attempt
from app.components.tables import Column, show_table
from app.formats import money, number
from app.labels import OWNER_LEVELS, PLAN_STATUSES, word
from app.layout import Viewer
from app.texts import _, mark, plural
from consortium import queries
from consortium.permissions import Action
from consortium.services import jobs, owner_prices
from consortium.views_loads import OwnersLevelView

FOUND_BY = {
    "search": mark("a search of its own"),
    "plan_in_force": mark("the plan in force, its containers loaded under this rule"),
    "stricter_level": mark("the plan of the stricter rule below, which keeps this one too"),
}


def show_owner_levels(who: Viewer, shipment_id: int) -> None:
    """Show what each level costs the plan's goods, and let a manager have it worked out."""
    levels = queries.owner_levels(who.actor, shipment_id)
    with st.expander(_("What keeping members' goods apart costs"), icon=":material/call_split:"):
        st.caption(
            _(
                "The goods of this shipment planned anew under each rule, with the same limits, every container loaded "
                "and checked by the judge. What is found under a stricter rule counts for the laxer ones too."
            )
        )
        if levels is not None:
            _table(levels, who.here.currency)
        if who.may(Action.MANAGE_SHIPMENTS):
            _ask(who, shipment_id, again=levels is not None)


def _table(levels: tuple[OwnersLevelView, ...], currency: str) -> None:
    show_table(
        levels,
        [
            Column(_("Goods of different members"), _name),
            Column(_("Containers"), _containers),
            Column(
                _("Cost of the plan"), lambda one: "–" if one.cost_minor is None else money(one.cost_minor, currency)
            ),
            Column(_("More than mixed freely"), lambda one: _more(one, currency)),
            Column(_("Packages left"), lambda one: "–" if one.cost_minor is None else number(one.packages_left)),
            Column(_("Known of it"), _known),
        ],
        alt=_("What the plan costs under each rule of keeping members' goods apart"),
        whole=True,
    )


def _name(one: OwnersLevelView) -> str:
    name = word(OWNER_LEVELS, one.owners)
    return _("{rule} (this plan)", rule=name) if one.is_asked else name


def _containers(one: OwnersLevelView) -> str:
    if one.cost_minor is None:
        return "–"
    names = container_names()
    parts = [f"{number(count)} × {names.get(code, code)}" for code, count in one.containers]
    if one.loose_lots:
        parts.append(plural("{number} lot as LCL or by post", "{number} lots as LCL or by post", one.loose_lots))
    return ", ".join(parts) or "–"


def _more(one: OwnersLevelView, currency: str) -> str:
    if one.extra_minor is None or one.owners == "free":
        return "–"
    return money(one.extra_minor, currency)


def _known(one: OwnersLevelView) -> str:
    if one.cost_minor is None:
        return _("No plan was found whose containers load under this rule.")
    found = word(FOUND_BY, one.found_by)
    return f"{word(PLAN_STATUSES, one.status)}; {_('found by {way}', way=found)}"


def _ask(who: Viewer, shipment_id: int, *, again: bool) -> None:
    job = jobs.latest_job(who.actor, shipment_id, owner_prices.OWNER_PRICES_JOB)
    if job is not None and job.state in ACTIVE:
        watch_search(job.id, "stop_owner_prices")
        return
    if job is not None and job.state == "failed":
        st.error(_("The last attempt failed. Try again; if it fails again, report job {number}.", number=job.id))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.number_input(
            _("Seconds at most for each rule"),
            min_value=1,
            max_value=owner_prices.LONGEST_TIME_LIMIT_S,
            value=owner_prices.DEFAULT_LEVEL_TIME_LIMIT_S,
            key="owner_prices_seconds",
        )
        label = _("Work it out again") if again else _("Work out the price of each rule")
        asked = st.button(label, icon=":material/play_arrow:", key="owner_prices")
    if asked:
        with attempt(_("The search has begun.")):
            owner_prices.request_owner_prices(who.actor, shipment_id, time_limit_s=int(seconds))
