"""Passwords: argon2id hashes, the rule for new ones, and random ones.

The parameters are the second recommended option of RFC 9106: 64 MiB, 3 passes, 4 lanes.
"""

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from consortium.errors import Fault

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
FEWEST_DIFFERENT_CHARACTERS = 5
GENERATED_PASSWORD_BYTES = 12
"""Random bytes of a generated password: 96 bits, 16 characters."""

_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


def hash_password(password: str) -> str:
    """Return the hash to keep of a password."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def hash_of_nobody() -> str:
    """Return a hash that no password fits: verifying against it takes as long as against a user's."""
    return hash_password(secrets.token_hex(16))


def matches(password_hash: str, password: str) -> bool:
    """Say whether a password is the one that was hashed."""
    try:
        return len(password) <= LONGEST_PASSWORD and _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def password_faults(password: str, username: str = "", path: str = "password") -> list[Fault]:
    """Return what a new password lacks; the password itself is never in a fault.

    Parameters
    ----------
    password
        `SHORTEST_PASSWORD` to `LONGEST_PASSWORD` characters, at least five different ones, not the username.
    username
        Whose password it is to be.
    path
        Field that the faults name.
    """
    length = len(password)
    if length < SHORTEST_PASSWORD:
        return [Fault(path, "password_too_short", f"at least {SHORTEST_PASSWORD} characters", str(length))]
    if length > LONGEST_PASSWORD:
        return [Fault(path, "password_too_long", f"at most {LONGEST_PASSWORD} characters", str(length))]
    different = len(set(password))
    if different < FEWEST_DIFFERENT_CHARACTERS:
        expected = f"at least {FEWEST_DIFFERENT_CHARACTERS} different characters"
        return [Fault(path, "password_too_simple", expected, str(different))]
    if username and username in password.casefold():
        return [Fault(path, "password_contains_username", "something else than the username", "the username")]
    return []


def generate_password() -> str:
    """Return a random password of 16 characters."""
    return secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
