"""Other plans near the cheapest one, prices of wishes and room left in containers: what a manager may still choose."""

from collections.abc import Sequence

import streamlit as st

from app.components.answer_words import (
    change_words,
    filler_words,
    lane_change_words,
    lane_effect_words,
    members_words,
    wish_words,
)
from app.components.choices import container_names, lane
from app.components.states import attempt, empty_state
from app.components.tables import Column, show_table
from app.formats import day, mass, money, number, percent_ppm, plain, volume
from app.labels import capital
from app.layout import Viewer
from app.texts import _
from consortium.services import answers as answering
from consortium.views_answers import AlternativeView, FreeRoomView, MeasuresView, PlanAnswersView, WishPriceView

PPM = 1_000_000

MOST_CARDS = 60
"""Containers up to which each has a card; beyond, a grid that can be searched."""


def other_plans(who: Viewer, found: PlanAnswersView, *, may_take: bool) -> None:
    """Show plans that differ in what people care about, each with a button that makes it the plan in force."""
    if not found.alternatives:
        empty_state(
            _("No other plan is better at anything"),
            _("Fewer departures, less waiting, no divided orders: this plan has them all, or nothing else can."),
            icon=":material/check_circle:",
        )
        return
    st.caption(_("Each carries the same goods. Beside each number is the difference from the plan in force."))
    for each in found.alternatives:
        with st.container(border=True):
            _one_plan(each, found)
            if may_take and st.button(_("Take this plan"), icon=":material/swap_horiz:", key=f"take_{each.number}"):
                with attempt(_("The plan is being judged and its cost shared.")):
                    answering.adopt_alternative(who.actor, found.shipment_id, found.plan_id, each.number)
                    st.switch_page(
                        "app_pages/shipment.py", query_params={"shipment": str(found.shipment_id), "step": "plan"}
                    )


def _one_plan(each: AlternativeView, found: PlanAnswersView) -> None:
    rate = percent_ppm(abs(each.extra_cost_minor) * PPM // max(found.measures.cost_minor, 1), 1)
    st.markdown(f"**{plain(wish_words(each.wishes))}**")
    price = capital(change_words(each.extra_cost_minor, found.currency)) + f" ({rate})."
    st.markdown(plain(price + ("" if each.is_proven else " " + _("A cheaper such plan may exist."))))
    with st.grid(5, min_column_width=96):
        for label, value, now in _numbers(each.measures, found.measures):
            st.metric(label, number(value), delta=_difference(value - now), delta_color="off", delta_arrow="off")
    if each.members:
        st.caption(plain(members_words(each.members)))


def _difference(change: int) -> str:
    return "=" if not change else ("+" if change > 0 else "−") + number(abs(change))


def _numbers(one: MeasuresView, now: MeasuresView) -> list[tuple[str, int, int]]:
    return [
        (_("Departures"), one.departures, now.departures),
        (_("Containers"), one.containers, now.containers),
        (_("Loose lots"), one.loose_lots, now.loose_lots),
        (_("Divided orders"), one.split_consignments, now.split_consignments),
        (_("Days of waiting"), one.waiting_days, now.waiting_days),
    ]


def wish_prices(rows: Sequence[WishPriceView], currency: str) -> None:
    """Show lane by lane what other dates, one container more or one departure more would be worth, and who bears it."""
    if not rows:
        empty_state(_("No wish could be priced"), _("There are no departures to choose from."))
        return
    for origin, destination in dict.fromkeys((each.origin, each.destination) for each in rows):
        here = [each for each in rows if (each.origin, each.destination) == (origin, destination)]
        st.markdown(f"**{plain(lane(origin, destination))}**")
        if lines := [_one_price(each, currency) for each in here if each.saving_minor != 0]:
            st.markdown("\n".join(lines))
        if idle := [lane_change_words(each) for each in here if each.saving_minor == 0]:
            st.caption(_("Worth nothing: {list}.", list=plain("; ".join(idle))))


def _one_price(each: WishPriceView, currency: str) -> str:
    said = f"{lane_effect_words(each, currency)}. {members_words(each.members, changed=each.saving_minor is not None)}"
    said += "" if each.is_proven else " " + _("Perhaps even better.")
    return f"- **{plain(lane_change_words(each))}**: {plain(said.strip())}"


def free_room(rows: Sequence[FreeRoomView], currency: str) -> None:
    """Show container by container the room left, which known orders could fill it, and what to ask of others."""
    if not rows:
        empty_state(_("No container in this plan"), _("Everything travels loose."))
        return
    types = container_names()
    if len(rows) > MOST_CARDS:
        _room_grid(rows, currency)
        return
    for room in rows:
        with st.container(border=True):
            name = types.get(room.container_type, room.container_type)
            where = f"{name} · {lane(room.origin, room.destination)} · {day(room.departs)}"
            st.markdown(f"**{plain(room.container)}** · {plain(where)}")
            left = volume(room.free_volume_cm3), mass(room.free_mass_g)
            st.markdown(f"**{plain(_('{volume} and {mass} left', volume=left[0], mass=left[1]))}**")
            if room.fillers:
                st.markdown("\n".join(f"- {plain(filler_words(each, currency))}" for each in room.fillers))
            else:
                st.caption(_("No known order of this lane fits whole."))
            _offer(room, currency)


def _room_grid(rows: Sequence[FreeRoomView], currency: str) -> None:
    show_table(
        rows,
        [
            Column(_("Container"), lambda each: f"{each.container} · {each.container_type}"),
            Column(_("Lane"), lambda each: lane(each.origin, each.destination)),
            Column(_("Departs"), lambda each: day(each.departs), sort=lambda each: each.departs),
            Column(
                _("Volume left"), lambda each: volume(each.free_volume_cm3), True, lambda each: each.free_volume_cm3
            ),
            Column(_("Mass left"), lambda each: mass(each.free_mass_g), True, lambda each: each.free_mass_g),
            Column(_("Could fill it"), lambda each: "; ".join(filler_words(one, currency) for one in each.fillers)),
        ],
        alt=_("Room left in each container and the orders that could fill it"),
    )


def _offer(room: FreeRoomView, currency: str) -> None:
    if room.least_freight_minor is None:
        return
    said = _(
        "Offered whole to a firm without goods on board, it pays for itself from {least} up.",
        least=money(room.least_freight_minor, currency),
    )
    if room.alone_minor is not None:
        said += " " + _("Alone, such goods would cost {alone}.", alone=money(room.alone_minor, currency))
    st.caption(plain(said))
