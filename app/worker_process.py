"""The worker beside the server: a process of its own that does the long work, started and stopped with it."""

import logging
import os
import subprocess
import sys
import threading

SWITCH = "CONSORTIUM_WORKER"
"""``off`` when the worker is run separately (``consortium worker``)."""

STOPPED_WITHIN_S = 10.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
"""A worker that ends is started again, after a pause that doubles up to this."""

_log = logging.getLogger(__name__)


class WorkerProcess:
    """Keeps one worker running until `stop`."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "consortium", "worker")) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        """Start the worker, unless the environment says that it runs elsewhere."""
        if os.environ.get(SWITCH, "").lower() != "off":
            self._keeper.start()

    def stop(self) -> None:
        """Ask the worker to end, and wait for it; end it by force when it does not."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join(STOPPED_WITHIN_S * 2)

    def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            self._process = subprocess.Popen(self._command)  # noqa: S603 - our own command
            while self._process.poll() is None and not self._stopping.wait(0.5):
                pass
            if self._stopping.is_set():
                self._end(self._process)
                return
            _log.warning("the worker ended with status %s; next start in %.0f s", self._process.returncode, pause_s)
            self._stopping.wait(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
