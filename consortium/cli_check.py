"""`consortium check`: the judge of the books and of the audit trail, for whoever keeps an installation or audits it."""

import os
from typing import Annotated

import typer

from consortium.cli_support import Status, answer, tell
from consortium.database import ENVIRONMENT_NAME
from consortium.fault_texts import in_language
from consortium.texts import Texts, mark

WHAT = {
    "account_elsewhere": mark("a posting names an account that is missing or another consortium's"),
    "amount_is_no_integer": mark("an amount is no whole number"),
    "audit_event_changed": mark("the event is not what was sealed"),
    "audit_event_missing": mark("the event was sealed and is gone"),
    "audit_event_unsealed": mark("the event was never sealed: no service wrote it"),
    "audit_link_broken": mark("the seal does not follow the one before it"),
    "audit_tail_missing": mark("the audit trail does not end where it did"),
    "base_differs": mark("an amount in the consortium's own currency has another base amount"),
    "booked_twice": mark("one event is booked twice"),
    "cited_plan_changed": mark("the plan is not the one that the entry cites"),
    "cited_shares_changed": mark("the cost shares are not those that the entry cites"),
    "close_missing": mark("the period was closed and no longer is"),
    "close_not_recorded": mark("the period is closed and nobody closed it"),
    "consortium_missing": mark("there is no such consortium"),
    "entry_changed": mark("the entry or one of its postings is not what was sealed"),
    "entry_missing": mark("the entry is gone"),
    "entry_not_as_recorded": mark("the entry is not the one that the audit trail recorded"),
    "entry_not_recorded": mark("the audit trail knows nothing of this entry: no service wrote it"),
    "entry_unbalanced": mark("the postings do not sum to zero"),
    "entry_without_postings": mark("the entry has fewer than two postings"),
    "guards_missing": mark("rules of the database were taken away"),
    "head_missing": mark("the note of where the books end is gone"),
    "journals_mixed": mark("money and memo stand in one entry"),
    "link_broken": mark("the entry does not follow the one before it"),
    "not_as_noted": mark("the chain no longer holds the link that was noted down"),
    "posting_missing": mark("a posting is gone"),
    "posting_without_entry": mark("postings stand without their entry"),
    "reversal_differs": mark("the reversal is not the mirror of its entry"),
    "reversed_twice": mark("an entry is reversed twice"),
    "seal_missing": mark("a seal is gone"),
    "tail_missing": mark("the books do not end where they did"),
}
"""Code of a finding -> what is wrong."""

PLACES = (
    mark("books {code}, entry {seq}, plan {plan}"),
    mark("books {code}, entry {seq}"),
    mark("books {code}, closed until {day}"),
    mark("books of consortium {code}, entry {seq}"),
    mark("audit event {number}"),
    mark("audit seal {number}"),
    mark("audit trail"),
    mark("triggers of the database"),
)
"""Where a finding is, as patterns, the longer before the shorter."""


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command("check", help=_("Re-check the books and the audit trail, and name the first broken link."))
    def check(
        database: Annotated[str | None, typer.Option(metavar="URL", help=_("SQLAlchemy URL of the database"))] = None,
        known: Annotated[
            list[str] | None,
            typer.Option(metavar="CHAIN:NUMBER:HASH", help=_("an end of a chain that an earlier check printed")),
        ] = None,
    ) -> None:
        from consortium.database import engine
        from consortium.ledger_checks import check_books
        from consortium.migrating import is_current

        if database:
            os.environ[ENVIRONMENT_NAME] = database
        noted = {}
        for text in known or ():
            chain, _colon, rest = text.partition(":")
            link, _colon, digest = rest.partition(":")
            if not link.isdecimal() or not digest:
                raise typer.BadParameter(
                    _("expected {expected}, found {found}", expected="CHAIN:NUMBER:HASH", found=text)
                )
            noted[chain] = (int(link), digest)
        if not is_current():
            tell(_("error: {what}", what=_("the database is not up to date; run: consortium migrate")))
            raise typer.Exit(Status.FAILED)
        with engine().connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")  # one state of the whole, also while others write
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
            found = check_books(connection, noted)
        for head in found.heads:
            answer(f"{head.chain}:{head.links}:{head.hash}\n")
        counts = {"entries": found.entries, "postings": found.postings, "events": found.events}
        if not found.findings:
            tell(_("all right: {entries} entries, {postings} postings, {events} events of the audit trail", **counts))
            return
        for number, one in enumerate(found.findings, start=1):
            place = in_language(one.place, PLACES, texts)
            tell(_("{number}. {place}: {what}", number=number, place=place, what=_(WHAT[one.code])))
            if one.expected or one.found:
                tell(_("   expected {expected}, found {found}", expected=one.expected or "–", found=one.found or "–"))
        raise typer.Exit(Status.VIOLATION)
