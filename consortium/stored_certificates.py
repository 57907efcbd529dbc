"""Certificates as they are stored beside a plan: without the shares, which stand in the plan's own document."""

import secrets
from collections.abc import Mapping
from typing import Any

from consortium.models import StoredPlan

APART = "document"
"""Key under which the record of a plan keeps its certificate."""


def new_salt() -> str:
    """Return random text of 128 bits: without it a fingerprint would confirm what somebody guesses."""
    return secrets.token_hex(16)


def stored_apart(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plan's record keeps of a certificate's document; empty where there is none."""
    return {APART: {key: value for key, value in certificate.items() if key != "allocation"}} if certificate else {}


def stored_certificate(stored: StoredPlan) -> dict[str, Any]:
    """Return the document of a stored plan's certificate; empty where it was stored without one."""
    kept: Mapping[str, Any] = stored.certificate.get(APART, {})
    allocation = stored.plan.get("allocation")
    return {**kept, "allocation": allocation} if kept and allocation else {}
