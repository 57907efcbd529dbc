"""What every command shares: exit statuses, the language asked for, messages on the error stream, whole files."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path

from consortium.errors import InputFault
from consortium.fault_texts import sentence
from consortium.plan_report import money
from consortium.plan_texts import STAGES
from consortium.texts import LANGUAGES, Texts, language_of_environment
from consortium.violation_texts import violation_sentence
from optimizer.limits import Progress
from optimizer.result import Violation


class Status(IntEnum):
    """Exit statuses of the command line."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    NO_ANSWER = 3
    VIOLATION = 4
    INTERRUPTED = 130


class Language(StrEnum):
    """Languages that ``--lang`` takes."""

    ES = "es"
    PT = "pt"
    EN = "en"


SECONDS_BETWEEN_MESSAGES = 1.0

MOST_SECONDS = 7 * 24 * 3600.0
"""Greatest wall-clock limit of a search."""


def asked_language(arguments: Sequence[str]) -> str:
    """Return the language that the arguments ask for, else the environment's.

    It is looked for before the arguments are parsed, so that help and errors are in that language too.
    """
    for index, one in enumerate(arguments):
        name, equals, value = one.partition("=")
        if name == "--lang":
            found = value if equals else "".join(arguments[index + 1 : index + 2])
            if found in LANGUAGES:
                return found
    return language_of_environment()


def without_language(arguments: Sequence[str]) -> list[str]:
    """Return the arguments without a valid ``--lang``: it was heard before, and every command takes it anywhere."""
    left = list(arguments)
    for index, one in enumerate(left):
        name, equals, value = one.partition("=")
        if name == "--lang" and (value if equals else "".join(left[index + 1 : index + 2])) in LANGUAGES:
            del left[index : index + (1 if equals else 2)]
            break
    return left


def use_utf8() -> None:
    """Make the standard streams write UTF-8 and never fail on a character, also on Windows."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def tell(message: str) -> None:
    """Write a line for people to the error stream; nothing when nobody listens any more."""
    with contextlib.suppress(BrokenPipeError):
        print(message, file=sys.stderr, flush=True)  # noqa: T201 - this is the command line


def answer(text: str) -> None:
    """Write the answer to the output stream."""
    sys.stdout.write(text)
    sys.stdout.flush()


def tell_no_folder(path: Path, texts: Texts) -> None:
    """Tell that something else stands, or nothing, where a folder was expected."""
    tell(texts.gettext("error: {what}", what=texts.gettext("{name} is not a folder", name=path)))


def tell_faults(faults: Iterable[InputFault], texts: Texts) -> None:
    """Tell every fault, one line each, and how many there are."""
    found = list(faults)
    for fault in found:
        tell(texts.gettext("error: {what}", what=sentence(fault, texts)))
    if len(found) > 1:
        tell(texts.ngettext("{number} error; nothing was written", "{number} errors; nothing was written", len(found)))


def tell_warnings(warnings: Iterable[InputFault], texts: Texts) -> None:
    """Tell every warning, one line each."""
    for warning in warnings:
        tell(texts.gettext("warning: {what}", what=sentence(warning, texts)))


def tell_times(times: Mapping[str, float], texts: Texts) -> None:
    """Tell how many seconds each stage took."""
    spent = ", ".join(f"{texts.gettext(STAGES.get(name, name))} {seconds:.2f} s" for name, seconds in times.items())
    tell(texts.gettext("times: {times}", times=spent))


def tell_violations(violations: Iterable[Violation], texts: Texts) -> None:
    """Tell that an answer is refused, and everything that the judge found, one line each."""
    tell(texts.gettext("the judge refuses this plan; nothing was written"))
    for one in violations:
        tell(violation_sentence(one, texts))


@dataclass(slots=True)
class Interrupt:
    """Remembers that Ctrl-C was pressed: the first press asks for the best answer so far, the second ends all."""

    texts: Texts
    pressed: bool = False

    def __call__(self) -> bool:
        """Say whether the search should stop."""
        return self.pressed

    def press(self, *_: object) -> None:
        """Note a Ctrl-C."""
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
        tell(self.texts.gettext("stopping; the best plan so far will be given. Press Ctrl-C again to leave at once"))


@contextlib.contextmanager
def watching(texts: Texts) -> Iterator[Interrupt]:
    """Turn Ctrl-C into a polite request while something runs."""
    interrupt = Interrupt(texts)
    if threading.current_thread() is not threading.main_thread():
        yield interrupt  # signals reach only the main thread
        return
    before = signal.signal(signal.SIGINT, interrupt.press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


class Teller:
    """Tells the progress of a search on the error stream, and remembers how long each stage took.

    Parameters
    ----------
    stage
        What is done before the first message.
    """

    def __init__(self, texts: Texts, currency: str, stage: str = "planning") -> None:
        self._texts = texts
        self._currency = currency
        self._stage = stage
        self._since = self._told = time.monotonic()
        self._times: dict[str, float] = {}

    def __call__(self, progress: Progress) -> None:
        """Tell a progress message, unless one of the same stage was told just now."""
        now = time.monotonic()
        if progress.stage == self._stage and now - self._told < SECONDS_BETWEEN_MESSAGES:
            return
        self._turn(progress.stage, now)
        self._told = now
        parts = [self._texts.gettext(STAGES.get(progress.stage, progress.stage))]
        if progress.cost_minor is not None:
            parts.append(self._texts.gettext("cost {amount}", amount=self._amount(progress.cost_minor)))
        if progress.lower_bound_minor is not None:
            parts.append(self._texts.gettext("bound {amount}", amount=self._amount(progress.lower_bound_minor)))
        tell(", ".join(parts))

    def times(self) -> dict[str, float]:
        """Return the seconds that each stage took so far, in the order of the stages."""
        self._turn(self._stage, time.monotonic())
        return dict(self._times)

    def _turn(self, stage: str, now: float) -> None:
        self._times[self._stage] = self._times.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    def _amount(self, amount_minor: int) -> str:
        return money(amount_minor, self._currency, self._texts.language)


def write_files(folder: Path, contents: Mapping[str, str]) -> None:
    """Write several text files so that each is either the old one or the new one, never half of one.

    Parameters
    ----------
    contents
        File name -> text, written with the line ends of the text on every system.

    Raises
    ------
    OSError
        When one cannot be written; no file was changed then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    waiting: list[tuple[Path, Path]] = []
    try:
        for name, text in contents.items():
            path = folder / name
            temporary = folder / f".{name}.{os.getpid()}.tmp"
            waiting.append((temporary, path))
            with temporary.open("w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        for temporary, path in waiting:
            temporary.replace(path)
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
