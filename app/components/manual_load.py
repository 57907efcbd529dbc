"""Manual work on a container's load: choose packages, move, turn, pin or put them out, solve the rest, save."""

from collections.abc import Sequence

import streamlit as st

from app.components.load_words import BALANCE_BADGES, BROKEN_RULES
from app.components.running_jobs import ACTIVE, LOOK_EVERY_S
from app.components.states import attempt, error_box
from app.components.tables import Column, show_table
from app.formats import mass, number, percent, plain
from app.labels import words
from app.layout import Viewer, viewer
from app.load_plan_pictures import Sight, draw, legend
from app.texts import _, mark, plural
from consortium.documents.loading_sheet import loading_sheet
from consortium.documents.step_pictures import Box, box_of
from consortium.member_looks import look
from consortium.services import jobs, manual_loads
from consortium.services.manual_loads import Act, ChangeDraft
from consortium.views_manual import FindingView, LoadNumbers, ManualLoadView, PieceView

REACHES = {
    "one": mark("This package"),
    "block": mark("Its block"),
    "step": mark("Its loading step"),
    "kind": mark("All of its kind"),
    "all": mark("Everything"),
}
MORE_RULES = {
    "payload": mark("The cargo is heavier than the container may carry."),
    "cargo_class": mark("The container does not take this class of cargo."),
    "incompatible_classes": mark("These classes of cargo may not travel together."),
    "empty_container": mark("Nothing stands in the container."),
}
FAILED_SOLVES = {
    "judge_found_violations": mark("The judge did not accept what was found, so nothing was changed."),
    "no_longer_possible": mark("The load or the plan was changed meanwhile, so nothing was changed here."),
}
CM_IN_MM = 10
MOST_NAMED = 6
"""Packages that one sentence names; more are counted."""


def show_judgement(view: ManualLoadView) -> None:
    """Say what the judge finds in the load as it stands now, with the packages concerned."""
    if out := [one for one in view.pieces if one.is_out]:
        st.warning(
            plural(
                "{number} package is out of the container.", "{number} packages are out of the container.", len(out)
            ),
            icon=":material/outbox:",
        )
    if not view.findings:
        st.success(_("The judge accepts what stands in the container."), icon=":material/verified:")
        return
    pieces = {one.number: one for one in view.pieces}
    lines = [f"- {_finding_line(rule, numbers, pieces)}" for rule, numbers in _by_rule(view.findings).items()]
    st.error("\n".join(lines), title=_("The judge does not accept this load"), icon=":material/gpp_bad:")


def _by_rule(findings: Sequence[FindingView]) -> dict[str, list[int]]:
    """Return the broken rules, each with the packages concerned, each once."""
    found: dict[str, dict[int, None]] = {}
    for one in findings:
        found.setdefault(one.rule, {}).update(dict.fromkeys(one.numbers))
    return {rule: list(numbers) for rule, numbers in found.items()}


def _finding_line(rule: str, numbers: Sequence[int], pieces: dict[int, PieceView]) -> str:
    rules = BROKEN_RULES | MORE_RULES
    said = _(rules[rule]) if rule in rules else rule
    named = "; ".join(_name(pieces[key]) for key in numbers[:MOST_NAMED])
    if len(numbers) > MOST_NAMED:
        named += " " + _("and {number} more", number=len(numbers) - MOST_NAMED)
    return f"{said} {plain(named)}".strip()


def _name(one: PieceView) -> str:
    return f"{one.number}: {one.description or one.package} ({one.owner.label}, {one.consignment.partition('/')[2]})"


def show_change(view: ManualLoadView) -> None:
    """Compare the load of the plan with what stands now."""
    rows = [
        (_("Packages inside"), *(number(each.standing) for each in (view.before, view.now))),
        (_("Volume used"), *(percent(each.fill_permille, 1) for each in (view.before, view.now))),
        (_("Mass of the cargo"), *(mass(each.mass_g) for each in (view.before, view.now))),
        (_("Centre of gravity"), *(_centre(each) for each in (view.before, view.now))),
        (_("Balance"), *(_(BALANCE_BADGES[each.balance.value][0]) for each in (view.before, view.now))),
        (_("Packages moved"), "–", number(view.moved)),
    ]
    columns = [
        Column(_("What"), lambda row: row[0]),
        Column(_("In the plan"), lambda row: row[1]),
        Column(_("Now"), lambda row: row[2]),
    ]
    show_table(rows, columns, alt=_("The load of the plan and the load as it is now"), whole=True)


def _centre(each: LoadNumbers) -> str:
    return " / ".join(percent(one, 1) for one in each.centre_of_gravity_permille)


def show_load(view: ManualLoadView, chosen: tuple[int, ...] = ()) -> None:
    """Draw what stands now, from above and from the side, with the chosen packages framed."""
    boxes = [box_of(step, "") for step in loading_sheet(view.load).steps]
    framed = [_box(one) for one in view.pieces if one.number in chosen and not one.is_out]
    st.html(legend({look(one.look): one.label for one in view.load.owners}))
    if framed:
        st.caption(_("What is chosen has a red frame. The front wall is on the left, the door on the right."))
    for sight, title in ((Sight.ABOVE, _("From above")), (Sight.SIDE, _("From the left side"))):
        st.markdown(f"**{title}**")
        st.html(draw(view.load, boxes, sight, title, framed=framed))


def _box(one: PieceView) -> Box:
    low, size = ([length / CM_IN_MM for length in lengths] for lengths in (one.low_mm, one.size_mm))
    high = (low[0] + size[0], low[1] + size[1], low[2] + size[2])
    return Box((low[0], low[1], low[2]), high, (1, 1, 1), look(one.owner.look), "")


def choose_pieces(view: ManualLoadView) -> tuple[int, ...]:
    """Let packages be chosen: one, its block, its loading step, all of its kind, everything."""
    pieces = {one.number: one for one in view.pieces}
    labels = {key: _label(one) for key, one in pieces.items()}
    first = st.selectbox(_("Package"), list(pieces), format_func=labels.__getitem__, key="piece")
    reach = st.segmented_control(
        _("Act on"),
        list(REACHES),
        default="one",
        required=True,
        format_func=words(REACHES).__getitem__,
        key="reach",
    )
    return _reached(view, pieces[first], reach)


def _label(one: PieceView) -> str:
    where = _("out") if one.is_out else " / ".join(number(each) for each in one.low_mm) + " mm"
    pin = f" · {_('pinned')}" if one.is_pinned else ""
    return f"{_name(one)} · {where}{pin}"


def _reached(view: ManualLoadView, first: PieceView, reach: str) -> tuple[int, ...]:
    if reach == "block":
        return first.block
    if reach == "step":
        steps = [{place.step for place in step.places} for step in loading_sheet(view.load).steps]
        mine = next((step for step in steps if first.step in step), set())
        return tuple(one.number for one in view.pieces if one.step in mine) or (first.number,)
    if reach == "kind":
        kind = (first.consignment, first.package)
        return tuple(one.number for one in view.pieces if (one.consignment, one.package) == kind)
    return tuple(one.number for one in view.pieces) if reach == "all" else (first.number,)


def act_on(who: Viewer, view: ManualLoadView, numbers: tuple[int, ...]) -> None:
    """Offer what can be done with the chosen packages."""
    pieces = [one for one in view.pieces if one.number in numbers]
    low = [min(one.low_mm[axis] for one in pieces) for axis in range(3)]
    key = f"{view.plan_id}_{view.acts}_{min(numbers)}_{len(numbers)}"
    chosen = plural("{number} package chosen", "{number} packages chosen", len(pieces))
    st.caption(f"{chosen}: {plain(_label(pieces[0]))}" if len(pieces) == 1 else chosen)
    with st.container(horizontal=True):
        labels = (_("From the front wall (mm)"), _("From the left wall (mm)"), _("Height (mm)"))
        to = tuple(
            int(st.number_input(label, value=low[axis], step=10, key=f"to{axis}_{key}"))
            for axis, label in enumerate(labels)
        )
    axes = _choose_turn(pieces, key)
    with st.container(horizontal=True):
        move = st.button(_("Move there"), icon=":material/open_with:", type="primary", key="act_move")
        snap = st.button(_("Move to the nearest free corner"), icon=":material/grid_goldenratio:", key="act_snap")
        pin = st.button(_("Pin"), icon=":material/push_pin:", key="act_pin")
        free = st.button(_("Unpin"), icon=":material/keep_off:", key="act_unpin")
        out = st.button(_("Put out"), icon=":material/outbox:", key="act_put_out")
    pressed = {Act.MOVE: move, Act.SNAP: snap, Act.PIN: pin, Act.UNPIN: free, Act.PUT_OUT: out}
    for act in (act for act, is_pressed in pressed.items() if is_pressed):
        with attempt(_("Done; the judge has looked again.")):
            moves = {"to": to, "axes": axes} if act in (Act.MOVE, Act.SNAP) else {}
            draft = ChangeDraft(act=act, numbers=numbers, **moves)
            manual_loads.change_load(who.actor, view.shipment_id, view.plan_id, view.container_id, draft)


def _choose_turn(pieces: Sequence[PieceView], key: str) -> tuple[int, int, int]:
    """Let the packages be turned together in a way in which each of them may stand."""
    first, *others = pieces
    ways = [axes for axes in first.turns if all(axes in one.turns for one in others)]
    if len(ways) < 2:
        return ways[0] if ways else (0, 1, 2)
    sizes = {axes: " × ".join(number(first.size_mm[axis]) for axis in axes) + " mm" for axes in ways}
    label = _("Stands as (along × across × up)")
    return st.selectbox(label, ways, format_func=sizes.__getitem__, key=f"turn_{key}")


def take_back_or_save(who: Viewer, view: ManualLoadView) -> None:
    """Offer to undo, to discard, to solve the rest around the pins and to save."""
    place = (who.actor, view.shipment_id, view.plan_id, view.container_id)
    pins = sum(one.is_pinned for one in view.pieces)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.number_input(_("Seconds at most"), min_value=1, max_value=600, value=20, key="solve_seconds")
        solve = st.button(
            plural("Load the rest around {number} pin", "Load the rest around {number} pins", pins)
            if pins
            else _("Load everything anew"),
            icon=":material/auto_fix_high:",
            key="solve",
        )
    with st.container(horizontal=True):
        undo = st.button(
            _("Undo"),
            icon=":material/undo:",
            disabled=not view.acts,
            help=None if view.undo_is_accepted else _("The load before the last change breaks rules of the judge."),
            key="undo",
        )
        discard = st.button(_("Discard all changes"), icon=":material/delete:", disabled=not view.acts, key="discard")
        save = st.button(
            _("Save as the next plan"),
            icon=":material/save:",
            type="primary",
            disabled=not view.can_be_saved,
            help=_("Only a load that the judge accepts, with every package inside, can be saved."),
            key="save",
        )
    if solve:
        with attempt(_("The rest is being loaded around the pins.")):
            manual_loads.request_solve(*place, time_limit_s=int(seconds))
    if undo:
        with attempt(
            _("The last change is undone.")
            if view.undo_is_accepted
            else _("The last change is undone. The load before it breaks rules: the judge names them on the page.")
        ):
            manual_loads.undo_change(*place)
    if discard:
        with attempt(_("The load is again that of the plan.")):
            manual_loads.discard_changes(*place)
    if save:
        with attempt(_("Saved: this load belongs to the plan in force now. Cost and shares are unchanged.")):
            manual_loads.save_load(*place)


def show_solving(who: Viewer, shipment_id: int) -> bool:
    """Show a job that loads around pins while it runs; say whether one does, and how the last one failed."""
    job = jobs.latest_job(who.actor, shipment_id, manual_loads.SOLVE_JOB)
    if job is None:
        return False
    if job.state not in ACTIVE:
        if job.state == "failed":
            st.warning(_(FAILED_SOLVES.get(str(job.error.get("code")), FAILED_SOLVES["no_longer_possible"])))
        return False
    st.fragment(run_every=LOOK_EVERY_S)(_live)(job.id)
    return True


def _live(job_id: int) -> None:
    with error_box():
        job = jobs.job(viewer().actor, job_id)
        if job.state not in ACTIVE:
            st.rerun()
        with st.container(border=True):
            st.progress(0.5 if job.state == "running" else 0.0, text=_("Loading the rest around the pins"))
            if job.cancel_requested:
                st.caption(_("Stopping; the best load found so far is kept."))
            elif st.button(_("Stop"), icon=":material/stop:", key="stop_solving"):
                jobs.cancel_job(viewer().actor, job_id)
