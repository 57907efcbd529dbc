"""What a page shows when there is nothing to show, when something is refused, when something fails."""

import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from app.fault_lines import fault_line, wrong_state_line
from app.formats import plain
from app.texts import _
from consortium.errors import InputError, InputFault, NotFoundError, StateError
from consortium.permissions import ForbiddenError

log = logging.getLogger("consortium.app")

FLASH_KEY = "flash"
"""Where a page leaves the sentence that the next run says once."""


def empty_state(title: str, advice: str, *, icon: str = ":material/inbox:") -> None:
    """Say that there is nothing yet, and what to do next."""
    with st.container(border=True):
        st.markdown(f"{icon} **{title}**")
        st.caption(advice)


def not_available() -> None:
    """Say that a page cannot be shown, and nothing about why: it may not exist or not be yours."""
    st.title(_("Not available"))
    empty_state(
        _("There is nothing here that you can open."),
        _("It may have been removed, or it belongs to somebody else. Go back to the home page and start from there."),
        icon=":material/lock:",
    )


def show_faults(faults: Iterable[InputFault], subjects: Sequence[str] = ()) -> None:
    """Show every fault of an input as a sentence that names the field."""
    lines = [f"- {fault_line(fault, subjects)}" for fault in faults]
    st.error("\n".join(lines), title=_("Please correct this first"), icon=":material/edit_note:")


@contextmanager
def attempt(done: str, subjects: Sequence[str] = ()) -> Iterator[None]:
    """Run one service call: when it is refused, say why in place; when it succeeds, say so and start afresh.

    Parameters
    ----------
    done
        What to say once on the next run.
    subjects
        Names of the orders that the call is about, in their order.
    """
    try:
        yield
    except InputError as error:
        show_faults(error.faults, subjects)
        return
    except StateError as error:
        st.warning(wrong_state_line(error), icon=":material/block:")
        return
    except ForbiddenError:
        st.warning(_("Your role does not allow this."), icon=":material/lock:")
        return
    except NotFoundError:
        st.warning(_("It is no longer there. Somebody may have changed it meanwhile."), icon=":material/search_off:")
        return
    st.session_state[FLASH_KEY] = done
    st.rerun()


@contextmanager
def error_box() -> Iterator[None]:
    """Run a page: what it may not show becomes "not available", what fails becomes an incident with a number."""
    try:
        yield
    except (ForbiddenError, NotFoundError):
        not_available()
    except Exception:
        incident = uuid.uuid4().hex[:8]
        log.exception("incident %s", incident)
        st.error(
            _(
                "Nothing of yours was lost. Reload the page; if it happens again, tell your administrator "
                "the incident number {incident}.",
                incident=incident,
            ),
            title=_("Something went wrong on our side"),
            icon=":material/error:",
        )


def say_flash() -> None:
    """Say once what the last run achieved."""
    if done := st.session_state.pop(FLASH_KEY, None):
        st.toast(plain(done), icon=":material/check_circle:")
