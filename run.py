"""Set up and start everything with nothing but Python: ``python run.py app`` or ``python run.py test``.

Standard library only; Linux, macOS and Windows. The environment is made in ``.venv`` beside this file from the
locks with hashes, once, and again when a lock changes.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
CHECKED = ("app", "consortium", "optimizer", "tests", "benchmarks", "run.py")


def say(text: str) -> None:
    """Tell what is going on, at once."""
    print(f"[run] {text}", flush=True)


def call(*command: str | Path, check: bool = True, **environment: str) -> int:
    """Run a command in the project's folder; stop with its status when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, check=False)
    if check and done.returncode:
        sys.exit(done.returncode)
    return done.returncode


def prepare(lock_name: str) -> None:
    """Make the environment, install a lock into it and compile, each unless that is done already."""
    install(lock_name)
    compile_searches()


def install(lock_name: str) -> None:
    """Make the environment and install a lock into it, unless that very lock is there already."""
    lock = ROOT / lock_name
    mark = ENVIRONMENT / "installed.sha256"
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if not PYTHON.exists():
        say(f"making the environment in {ENVIRONMENT.name}")
        try:
            venv.create(ENVIRONMENT, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"[run] could not make it: {error}. On Debian and Ubuntu: apt install python3-venv")
    if mark.exists() and wanted in mark.read_text(encoding="utf-8").split():
        return
    say(f"installing {lock_name}")
    # The lock is complete: asked for dependencies, older pips look for newer ones and refuse them for want of a hash.
    call(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", lock)
    call(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    call(PYTHON, "-m", "app.settings")  # so that a plain `streamlit run` finds the settings too
    mark.write_text(wanted, encoding="utf-8")


def compile_searches() -> None:
    """Compile what plans need, again when a compiled file changed: the cache does not see what its callers call."""
    mark = ENVIRONMENT / "compiled.sha256"
    texts = (path.read_bytes() for path in sorted((ROOT / "optimizer").rglob("*.py")))
    wanted = hashlib.sha256(b"".join(text for text in texts if b"njit" in text)).hexdigest()
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    for old in (ROOT / "optimizer").rglob("*.nb[ic]"):
        old.unlink()
    say("compiling what plans need, once")
    call(PYTHON, "-m", "optimizer.warming")
    mark.write_text(wanted, encoding="utf-8")


def browser() -> str | None:
    """Find a Chromium browser for the browser tests, or fetch one where that can be done unasked."""

    def found() -> str | None:
        return next((path for name in BROWSERS if (path := shutil.which(name))), None)

    if path := os.environ.get("CONSORTIUM_TEST_BROWSER") or found():
        return path
    if os.name == "posix" and shutil.which("apt-get") and os.geteuid() == 0:
        say("installing Debian's chromium for the browser tests")
        call("apt-get", "update", "-qq", check=False)
        call(
            "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation",
            check=False, DEBIAN_FRONTEND="noninteractive",
        )  # fmt: skip
        if path := found():
            return path
    say("no Chromium browser found: fetching one of its own")
    if call(PYTHON, "-m", "playwright", "install", "chromium", check=False) == 0:
        return "bundled"
    say("no browser to be had: the browser tests will be skipped, and say so")
    return None


def app(rest: list[str]) -> None:
    """Serve the application on localhost with the example consortium."""
    prepare("requirements.lock")
    call(PYTHON, "-m", "consortium", "run", "--demo", *rest)


def test(rest: list[str]) -> None:
    """Set up everything that the tests need and run them; further words go to pytest."""
    prepare("requirements-dev.lock")
    path = browser()
    environment = {"CONSORTIUM_TEST_BROWSER": path} if path else {}
    call(PYTHON, "-m", "pytest", *(rest or ["-n", "auto", "--dist", "loadgroup"]), **environment)


def coverage(rest: list[str]) -> None:
    """Run the tests and tell which lines they reach, those of the searches included."""
    test([*(rest or ["-n", "auto", "--dist", "loadgroup"]), "--cov", "--cov-report", "term"])


def lint(_rest: list[str]) -> None:
    """Check style and types."""
    prepare("requirements-dev.lock")
    call(PYTHON, "-m", "ruff", "check", *CHECKED)
    call(PYTHON, "-m", "ruff", "format", "--check", *CHECKED)
    call(PYTHON, "-m", "mypy")


def docs(_rest: list[str]) -> None:
    """Build the documentation; a broken link is an error."""
    prepare("requirements-dev.lock")
    call(PYTHON, "-m", "mkdocs", "build", "--strict", "--quiet")


def lock(_rest: list[str]) -> None:
    """Write both locks anew, with hashes and without the address of any index (needs uv)."""
    common = ["--universal", "--python-version", "3.11", "--no-emit-index-url", "--no-header", "--generate-hashes"]
    base = ["uv", "pip", "compile", "--quiet", *common, "--group", "build", "--extra", "postgresql", "pyproject.toml"]
    call(*base, "-o", "requirements.lock")
    call(*base, "--group", "dev", "-c", "requirements.lock", "-o", "requirements-dev.lock")


COMMANDS = {"app": app, "test": test, "coverage": coverage, "lint": lint, "docs": docs, "lock": lock}


def main() -> None:
    """Read the command and do it."""
    if sys.version_info < OLDEST:
        sys.exit(f"[run] expected Python {'.'.join(map(str, OLDEST))} or newer, found {sys.version.split()[0]}")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS, help="what to do")
    known, rest = parser.parse_known_args()
    COMMANDS[known.command](rest)


if __name__ == "__main__":
    main()
