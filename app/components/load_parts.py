"""The parts of the page of a load plan: which container, its numbers, the verdicts, pictures and the table of steps."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.load_words import (
    BALANCE_BADGES,
    BALANCES,
    block_sentence,
    broken_rules,
    choice_name,
    hover_words,
    paper_words,
    place_of,
    scene_sentence,
    step_contents,
)
from app.components.tables import Column, badge, show_table
from app.formats import mass, number, percent, plain
from app.labels import capital
from app.layout import Viewer
from app.load_plan_drawing import HEIGHT_PX, PHONE_PX, SceneWords, build_load
from app.load_plan_pictures import Sight, draw, layers, legend
from app.texts import _, plural
from consortium import queries
from consortium.documents.loading_sheet import LoadingSheet, loading_sheet
from consortium.documents.step_pictures import Box, box_of
from consortium.member_looks import look
from consortium.views_loads import LoadChoice, LoadView

CHART = {"displayModeBar": False}
LONGEST_BESIDE_MM = 7_000
"""Up to this length two pictures of a container are beside each other."""

KEPT = "load_view"
"""Where a session keeps the load that it looks at: each move of the slider asks for it again."""


def choose_container(choices: tuple[LoadChoice, ...], asked: int | None) -> LoadChoice:
    """Let one of the containers be chosen, at first the one that the address asks for."""
    names = {one.number: choice_name(one) for one in choices}
    first = next((index for index, one in enumerate(choices) if one.number == asked), 0)
    chosen = st.selectbox(_("Container"), list(names), index=first, format_func=names.__getitem__, key="container")
    return next(one for one in choices if one.number == chosen)


def read_load(who: Viewer, shipment_id: int, plan_id: int | None, choice: LoadChoice) -> tuple[LoadView, LoadingSheet]:
    """Return a load and its steps; kept for this session, this reader and this plan, as plans are never edited."""
    key = (who.actor.user_id, who.actor.grants, shipment_id, plan_id, choice)
    kept = st.session_state.get(KEPT)
    if kept is None or kept[0] != key:
        view = queries.load_view(who.actor, shipment_id, choice.number)
        assert view is not None, "a container was chosen, so there is a plan"
        kept = st.session_state[KEPT] = (key, view, loading_sheet(view))
    return kept[1], kept[2]


def show_numbers(view: LoadView) -> None:
    """Show fill, mass and centre of gravity, or why they are not shown."""
    if not view.is_whole:
        st.info(
            _(
                "Only your own packages are drawn. With so few other firms in this container, its fill, its mass and "
                "its centre of gravity would reveal what a rival ships."
            ),
            icon=":material/visibility_off:",
        )
        return
    with st.grid(3, min_column_width=190):
        st.metric(_("Volume used"), percent(view.fill_permille, 1), border=True, help=_("Of the volume inside."))
        of_payload = percent((view.cargo_mass_g or 0) * 1000 // view.payload_g, 1)
        st.metric(
            _("Mass of the cargo"),
            mass(view.cargo_mass_g),
            border=True,
            delta=_("{part} of the payload", part=of_payload),
            delta_arrow="off",
            delta_color="gray",
        )
        if view.centre_of_gravity_permille is not None:
            along, across, up = (percent(one, 1) for one in view.centre_of_gravity_permille)
            st.metric(
                _("Centre of gravity"),
                f"{along} · {across} · {up}",
                border=True,
                help=_("Along from the front wall, across from the left wall, and up: each of the inside size."),
            )
    if view.balance is not None:
        words, colour = BALANCE_BADGES[view.balance.value]
        st.markdown(f"{badge(_(words), colour)} {plain(_(BALANCES[view.balance.value]))}")


def show_verdict(view: LoadView) -> None:
    """Say what the judge found."""
    if not view.verdict:
        st.success(
            _(
                "The judge checked every place anew without the search that found it: inside, door, overlap, support, "
                "load on top, order of loading. It found no violation."
            ),
            icon=":material/verified:",
        )
        return
    lines = "\n".join(f"- {line}" for line in broken_rules(view))
    st.error(lines, title=_("Do not load by this plan: the judge found it wrong"), icon=":material/gpp_bad:")


def choose_step(sheet: LoadingSheet, key: str) -> int | None:
    """Let a step be chosen; None is the finished load."""
    everything = 0
    names = {**{one.number: number(one.number) for one in sheet.told}, everything: _("All")}
    chosen = st.select_slider(
        _("Loaded up to step"),
        list(names),
        value=everything,
        format_func=names.__getitem__,
        key=f"step_{key}",
    )
    return chosen or None


def show_pictures(view: LoadView, sheet: LoadingSheet, chosen: int | None) -> None:
    """Show what is loaded up to a step: in three dimensions, from above, from the side and layer by layer."""
    words = paper_words()
    told = next((one for one in sheet.told if one.number == chosen), None)
    if told is not None:
        st.markdown(block_sentence(told, view, words))
    shown = len(sheet.steps) if told is None else told.position + 1
    boxes = [box_of(step, name) for step, name in zip(sheet.steps, sheet.numbers, strict=True)]
    new = None if told is None else boxes[told.position]
    st.html(legend({look(one.look): one.label or _("Other firms") for one in view.owners}))
    texts = [
        hover_words(step, name, words) for step, name in zip(sheet.steps[:shown], sheet.numbers[:shown], strict=True)
    ]
    st.plotly_chart(
        build_load(
            view,
            list(zip(boxes[:shown], texts, strict=True)),
            _scene_words(chosen),
            new=new,
            height_px=PHONE_PX if "Mobi" in st.context.headers.get("User-Agent", "") else HEIGHT_PX,
            theme="dark" if st.context.theme.type == "dark" else "light",
        ),
        config=CHART,
        alt=scene_sentence(view, sheet, shown),
        key="load_scene",
    )
    grid = _beside(view)
    for sight, title in ((Sight.ABOVE, _("From above")), (Sight.SIDE, _("From the left side"))):
        with grid, st.container():
            _picture(view, boxes[:shown], sight, title, new, centred=told is None)
    st.caption(_("The front wall is on the left, the door on the right; from above, the left wall is below."))
    _show_layers(view, boxes[:shown], new)


def _picture(
    view: LoadView, boxes: list[Box], sight: Sight, title: str, new: Box | None, *, centred: bool = False
) -> None:
    st.markdown(f"**{title}**")
    packages = sum(deep * across * high for deep, across, high in (one.counts for one in boxes))
    name = f"{title}: {plural('{number} package', '{number} packages', packages)}"
    st.html(draw(view, boxes, sight, name, new=new, centred=centred))


def _beside(view: LoadView) -> DeltaGenerator:
    """Return where pictures of a container go: two beside each other where it is short."""
    return st.grid(2 if view.length_mm <= LONGEST_BESIDE_MM else 1, min_column_width=300)


def _show_layers(view: LoadView, boxes: list[Box], new: Box | None) -> None:
    found = layers(boxes)
    st.subheader(_("Layer by layer, from above"))
    st.caption(_("The number in a block is its step. What stands two high is drawn in the layer in which it begins."))
    grid = _beside(view)
    for index, layer in enumerate(found, start=1):
        low, high = min(one.low[2] for one in layer), max(one.high[2] for one in layer)
        title = _(
            "Layer {number}: from {low} to {high} cm", number=index, low=number(round(low)), high=number(round(high))
        )
        with grid, st.container():
            _picture(view, layer, Sight.ABOVE, title, new)


def _scene_words(chosen: int | None) -> SceneWords:
    return SceneWords(
        door=_("Door"),
        front=_("Front wall"),
        new="" if chosen is None else _("Step {number}", number=chosen),
        centre=_("Centre of gravity"),
        band=_("Middle ± 5 %"),
    )


def show_steps(view: LoadView, sheet: LoadingSheet) -> None:
    """Show the steps as a table that every device and every printer can show."""
    words = paper_words()
    several = len({one.step.one.owner for one in sheet.told}) > 1
    st.subheader(_("Steps"))
    show_table(
        sheet.told,
        [
            Column(_("Step"), lambda one: number(one.number), numeric=True),
            Column(_("What"), lambda one: step_contents(one, words, with_owner=several)),
            Column(
                _("Where"), lambda one: f"{capital(place_of(one, view, words))}. {capital(words.stands(one.step))}."
            ),
        ],
        alt=_("Loading steps in their order: what, how arranged, where"),
        whole=True,
    )
