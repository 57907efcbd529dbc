"""Loaded containers in a served consortium, in seconds and without planning; who may see them can sign in."""

import json
import os
import subprocess
import sys
from pathlib import Path

from sqlmodel import select

from consortium.database import unit_of_work
from consortium.models import AppUser
from consortium.services.passwords import hash_password
from tests.browser.conftest import PHRASE, ROOT
from tests.consortium.builders import FIRMS
from tests.consortium.load_worlds import goods_of, loaded, many_goods_of

CODE = "carga"
MANAGER, MEMBER = f"{CODE}-manager", f"{CODE}-member"


def store(*, many: bool = False, priced: bool = False) -> int:
    """Store four firms with a loaded container, of 14 or 300 packages, and return the shipment."""
    _, shipment = loaded(*FIRMS, code=CODE, goods=many_goods_of if many else goods_of, priced=priced)
    password_hash = hash_password(PHRASE)
    with unit_of_work() as session:
        for user in session.exec(select(AppUser)).all():
            if user.username in (MANAGER, MEMBER):
                user.password_hash, user.language = password_hash, "en"
                session.add(user)
    return shipment


def store_in(home: Path, *, many: bool = False, priced: bool = False) -> int:
    """Do the same in the data folder of a served application."""
    environment = {**os.environ, "CONSORTIUM_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("CONSORTIUM_DATABASE", None)
    code = f"from tests.browser.load_world import store; print(store(many={many}, priced={priced}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return int(json.loads(done.stdout))
