"""Step 3 of a pooled shipment: what the plan costs, what other ways would cost, what goes where and when."""

from datetime import date, timedelta

import streamlit as st

from app.charts import Bar, Series, Span, build_cost_bars, build_grouped_bars, build_timeline
from app.components.answer_words import change_words, wish_words
from app.components.choices import container_names, lane
from app.components.links import load_plan_link
from app.components.load_papers import show_load_papers
from app.components.plan_documents import show_documents
from app.components.plan_words import bound_sentence, cure_sentence, proof_sentence, reason_sentence
from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.formats import day, major, mass, moment, money, number, percent, percent_ppm, plain, short_day, volume
from app.labels import MODES, word
from app.layout import Viewer
from app.texts import _, plural
from consortium import queries
from consortium.views import ShipmentView
from consortium.views_plans import ComparisonView, PlanView, TravellingView

CHART = {"displayModeBar": False}
TICKS = 6
"""Dates on a timeline's axis, at most."""


def show_comparison(who: Viewer, shipment: ShipmentView) -> None:
    """Show the plan in force beside the other ways to travel."""
    plan = queries.plan(who.actor, shipment.id)
    if plan is None:
        empty_state(_("No plan to compare yet"), _("Make a plan first: step 2."), icon=":material/route:")
        return
    _headline(plan)
    st.page_link(
        "app_pages/plan_answers.py",
        label=_("Why not, and what else?"),
        icon=":material/help:",
        query_params={"shipment": str(shipment.id)},
    )
    load_plan_link(shipment.id)
    _other_ways(plan.comparison, plan.currency)
    _left_behind(plan)
    _containers(plan)
    _timeline(plan)
    _charges(plan)
    _proof(plan)
    show_load_papers(who, shipment.id)


def _headline(plan: PlanView) -> None:
    alone = plan.comparison.each_alone_minor
    saving = None if alone is None else alone - plan.cost_minor
    with st.grid(4, min_column_width=190):
        st.metric(_("Cost of the plan"), money(plan.cost_minor, plan.currency), border=True)
        st.metric(_("Joint saving"), money(saving, plan.currency), border=True)
        st.metric(_("Containers"), number(len(plan.containers)), border=True)
        st.metric(
            _("Could be cheaper by, at most"),
            percent_ppm(plan.gap_ppm),
            border=True,
            help=bound_sentence(plan.gap_ppm),
        )
    st.caption(proof_sentence(plan))
    if plan.comparison.chosen_for:
        wishes = wish_words(plan.comparison.chosen_for)
        change = change_words(plan.comparison.chosen_extra_minor, plan.currency)
        st.info(
            _("Chosen for: {wishes}. Against the plan before, {change}.", wishes=plain(wishes), change=plain(change)),
            icon=":material/swap_horiz:",
        )
    if saving is not None and saving <= 0 and plan.containers:
        st.info(
            _("For these orders, travelling together saves nothing. That is an answer too."), icon=":material/info:"
        )


def _other_ways(other: ComparisonView, currency: str) -> None:
    ways = [
        (_("Together (this plan)"), other.pooled_minor, True),
        (_("Each member alone"), other.each_alone_minor, False),
        (_("Everything as LCL"), other.all_lcl_minor, False),
        (_("Without waiting"), other.no_waiting_minor, False),
    ]
    priced = [(name, amount, highlighted) for name, amount, highlighted in ways if amount is not None]
    st.subheader(_("Compared with other ways"))
    bars = [
        Bar(name=name, value=major(amount, currency), text=money(amount, currency), highlighted=highlighted)
        for name, amount, highlighted in priced
    ]
    spoken = "; ".join(f"{bar.name}: {bar.text}" for bar in bars)
    st.plotly_chart(build_cost_bars(bars), config=CHART, alt=_("Cost of each way to travel. {list}", list=spoken))
    if missing := [name for name, amount, _highlighted in ways if amount is None]:
        st.caption(_("Not possible for everything, or not priced: {list}.", list=", ".join(missing)))
    if other.waiting_cost_minor:
        st.caption(_("The plan's cost includes {price} for waiting.", price=money(other.waiting_cost_minor, currency)))


def _left_behind(plan: PlanView) -> None:
    if not plan.unplanned:
        return
    st.subheader(_("Cannot travel"))
    show_table(
        plan.unplanned,
        [
            Column(_("Member"), lambda each: each.member_name),
            Column(_("Order"), lambda each: each.order_code),
            Column(_("Why"), reason_sentence),
            Column(_("What would help"), lambda each: cure_sentence(each, plan.currency)),
        ],
        alt=_("Orders that cannot travel, with the reason and the cheapest cure"),
    )


def _containers(plan: PlanView) -> None:
    st.subheader(_("What travels in what"))
    if plan.containers:
        names = [f"{each.id} · {each.container_type}" for each in plan.containers]
        fills = [
            Series(
                name=_("Volume used"),
                values=[each.volume_fill_permille / 10 for each in plan.containers],
                texts=[percent(each.volume_fill_permille) for each in plan.containers],
            ),
            Series(
                name=_("Mass used"),
                values=[each.payload_fill_permille / 10 for each in plan.containers],
                texts=[percent(each.payload_fill_permille) for each in plan.containers],
            ),
        ]
        st.plotly_chart(
            build_grouped_bars(names, fills, limit=100),
            config=CHART,
            alt=_("How full each container is, by usable volume and by payload"),
        )
    types = container_names()
    for box in plan.containers:
        used = percent(box.volume_fill_permille), percent(box.payload_fill_permille)
        fill = _("{volume} of the volume, {mass} of the mass", volume=used[0], mass=used[1])
        name = types.get(box.container_type, box.container_name)
        with st.expander(f"**{box.id}** · {name} · {lane(box.origin, box.destination)} · {day(box.departs)}"):
            st.caption(f"{fill} · {volume(box.volume_cm3)} · {mass(box.mass_g)} · {box.carrier} {box.departure}")
            travelling_table(box.contents, alt=_("Contents of container {id}", id=box.id))
    if plan.loose:
        st.markdown("**" + _("Outside the containers") + "**")
        travelling_table(plan.loose, alt=_("Consignments that travel as LCL or by post"))


def travelling_table(rows: tuple[TravellingView, ...], *, alt: str, with_member: bool = True) -> None:
    """Show consignments that travel, with their departure."""
    show_table(
        rows,
        [
            *([Column(_("Member"), lambda each: each.member_name)] if with_member else []),
            Column(_("Order"), lambda each: each.order_code),
            Column(_("Travels as"), lambda each: word(MODES, each.mode)),
            Column(_("Departs"), lambda each: day(each.departs)),
            Column(_("Arrives"), lambda each: day(each.arrives)),
            Column(
                _("Waits"),
                lambda each: plural("{number} day", "{number} days", (each.departs - each.ready_date).days),
                numeric=True,
            ),
            Column(_("Packages"), lambda each: number(each.packages) if each.packages else "", numeric=True),
            Column(_("Volume"), lambda each: volume(each.volume_cm3), numeric=True),
            Column(_("Mass"), lambda each: mass(each.mass_g), numeric=True),
        ],
        alt=alt,
    )


def _timeline(plan: PlanView) -> None:
    travelling = [each for box in plan.containers for each in box.contents] + list(plan.loose)
    if not travelling:
        return
    st.subheader(_("When"))
    spans = []
    for each in sorted(travelling, key=lambda one: (one.departs, one.ready_date, one.consignment)):
        name = f"{each.member_code} {each.order_code}"
        spans += [
            Span(name=name, start=each.ready_date, end=each.departs, group="waits", text=_waits(each)),
            Span(name=name, start=each.departs, end=each.arrives, group="travels", text=_travels(each)),
        ]
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    st.plotly_chart(
        build_timeline(spans, [("waits", _("Waits")), ("travels", _("Under way"))], _ticks(first, last)),
        config=CHART,
        alt=_("When each consignment is ready, departs and arrives"),
    )


def _waits(each: TravellingView) -> str:
    return _("ready {ready}, departs {departs}", ready=day(each.ready_date), departs=day(each.departs))


def _travels(each: TravellingView) -> str:
    return _("departs {departs}, arrives {arrives}", departs=day(each.departs), arrives=day(each.arrives))


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    step = max(1, (last - first).days // (TICKS - 1))
    days = [first + timedelta(days=step * index) for index in range(TICKS)]
    return [(each, short_day(each)) for each in days if each <= last + timedelta(days=step)]


def _charges(plan: PlanView) -> None:
    with st.expander(_("What the cost is made of")):
        show_table(
            plan.charges,
            [
                Column(_("Charge"), lambda each: each.description),
                Column(_("Amount"), lambda each: money(each.amount_minor, plan.currency), numeric=True),
                Column(_("Lines"), lambda each: number(each.lines), numeric=True),
                Column(_("Code"), lambda each: each.code),
            ],
            alt=_("Charges of the plan, dearest first"),
            whole=True,
        )
        if plan.delay_cost_minor:
            st.caption(_("Cost of waiting: {price}", price=money(plan.delay_cost_minor, plan.currency)))


def _proof(plan: PlanView) -> None:
    st.success(
        _(
            "The judge re-counted every package, limit, date and amount of this plan without the search that made it, "
            "and found no violation."
        ),
        icon=":material/verified:",
    )
    with st.expander(_("Numbers for whoever checks it again")):
        st.text(f"{_('Least possible cost')}: {money(plan.lower_bound_minor, plan.currency)}")
        st.text(f"{_('Made')}: {moment(plan.created_at)}")
        st.text(f"{_('Hash of the problem')}: {plan.problem_sha256}")
        st.text(f"{_('Hash of the plan')}: {plan.plan_sha256}")
        show_documents(plan)
