"""A member's statement on paper and as a workbook: the amounts of the books, word for word and cent for cent."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime, time
from decimal import Decimal

import xlsxwriter
from babel.numbers import format_decimal

from consortium.documents.paper_words import PaperWords
from consortium.documents.typesetting import PaperSize, pdf
from consortium.exporting import TEXTS_STAY_TEXTS
from consortium.reference_data import currency_exponent
from consortium.texts import locale_of, mark, translate
from consortium.views_books import StatementLine, StatementSection, StatementView, TrialBalance, TrialRow

ENTRY_WORDS = {
    "shares": mark("Cost share"),
    "true_up": mark("Difference to the invoices"),
    "call": mark("Call for funds"),
    "advance": mark("Advance set against cost shares"),
    "fee": mark("Fee"),
    "payment": mark("Payment"),
    "bank": mark("Movement of the bank"),
    "invoice": mark("Invoice"),
    "exchange": mark("Exchange"),
    "budget": mark("Budget"),
    "reversal": mark("Reversal"),
}
"""Kind of an entry -> what people call it."""

ACCOUNT_WORDS = {
    "member": mark("Owed to the consortium"),
    "advance": mark("Paid ahead"),
    "buyers": mark("To be paid by the buyers"),
    "deposit": mark("Deposit"),
    "agency": mark("Agency"),
    "grant": mark("Grant"),
    "supplier": mark("Supplier"),
    "fair": mark("Paid ahead for a fair"),
    "accrued": mark("Agreed, not invoiced yet"),
    "bank": mark("Bank"),
    "clearing": mark("Not assigned yet"),
    "income": mark("Income"),
    "expense": mark("Expense"),
    "exchange": mark("Exchange differences"),
    "memo_budget": mark("Budget"),
    "memo_available": mark("Available"),
    "memo_requested": mark("Requested"),
    "memo_ordered": mark("Ordered"),
    "memo_actual": mark("Invoiced"),
}
"""Kind of an account -> what people call it."""

MINUS = "−"


def statement_pdf(view: StatementView, language: str, paper: PaperSize = PaperSize.A4) -> bytes:
    """Return the statement as a PDF, the same bytes for the same statement."""
    words = _words(view, language)
    _ = words.gettext
    title = _("Statement")
    return pdf(
        "statement",
        {
            "paper": paper.value,
            "language": language,
            "title": title,
            "reference": f"{view.consortium_name} · {view.member_name}",
            "source": _("From the books of the consortium; the reference is the beginning of the sealed entry."),
            "words": {"page": _("page {page} of {pages}"), "empty": _("No movements in this period.")},
            "facts": [
                [_("Member"), f"{view.member_name} ({view.member_code})"],
                [_("Consortium"), view.consortium_name],
                [_("Period"), _period(view, words)],
            ],
            "sections": [_section(one, words) for one in view.sections],
        },
    )


def statement_workbook(view: StatementView, language: str) -> bytes:
    """Return the statement as a workbook, a sheet for each account; amounts are numbers, texts are never formulas."""
    words = _words(view, language)
    _ = words.gettext
    head = [_("Date"), _("Due"), _("What"), _("Text"), _("Reference"), _("Amount"), _("Balance")]
    sheets = []
    for one in view.sections:
        first: Row = [
            _day(view.first_on),
            "",
            _("Opening balance"),
            "",
            "",
            "",
            _major(one.opening_minor, one.currency),
        ]
        last: Row = [_day(view.last_on), "", _("Closing balance"), "", "", "", _major(one.closing_minor, one.currency)]
        rows = [first, *(_row(line, one.currency, words) for line in one.lines), last]
        sheets.append((f"{_(ACCOUNT_WORDS[one.account_kind])} {one.currency}", head, rows))
    if not sheets:
        sheets.append((_("Statement"), head, []))
    return _workbook(f"{_('Statement')} {view.member_name}", sheets, datetime.combine(view.last_on, time(), UTC))


def trial_balance_workbook(view: TrialBalance, language: str) -> bytes:
    """Return the trial balance as a workbook, money and memo on sheets of their own."""
    words = PaperWords(translate(language))
    _ = words.gettext
    home = _("Amount in {currency}", currency=view.currency)
    head = [_("Account"), _("What"), _("Text"), _("Currency"), _("Amount"), home]
    sheets = [
        (name, head, [_trial_row(one, view.currency, words) for one in rows])
        for name, rows in ((_("Trial balance"), view.money), (_("Budgets"), view.memo))
    ]
    made_on = datetime.combine(view.on_date, time(), UTC) if view.on_date else datetime(2026, 1, 1, tzinfo=UTC)
    return _workbook(_("Trial balance"), sheets, made_on)


Cell = str | Decimal
Row = list[Cell]


def _words(view: StatementView, language: str) -> PaperWords:
    return PaperWords(translate(language), str(locale_of(language, view.country)))


def _period(view: StatementView, words: PaperWords) -> str:
    last = words.day(view.last_on)
    if view.first_on is None:
        return words.gettext("up to {last}", last=last)
    return words.gettext("{first} to {last}", first=words.day(view.first_on), last=last)


def _section(one: StatementSection, words: PaperWords) -> dict[str, object]:
    _ = words.gettext
    head = [_("Date"), _("What"), _("Reference"), _("Due"), _("Amount"), _("Balance")]
    sums = [
        (_("Opening balance"), one.opening_minor),
        (_("Charged"), one.charged_minor),
        (_("Called"), one.called_minor),
        (_("Paid"), -one.paid_minor),
        (_("Other"), one.other_minor),
    ]
    return {
        "title": f"{_(ACCOUNT_WORDS[one.account_kind])} ({one.currency})",
        "head": head,
        "rows": [
            [
                words.day(line.value_date),
                " · ".join(filter(None, (_(ENTRY_WORDS[line.kind]), line.text))),
                line.reference,
                "" if line.due_on is None else words.day(line.due_on),
                amount_text(line.amount_minor, one.currency, words.language),
                amount_text(line.balance_minor, one.currency, words.language),
            ]
            for line in one.lines
        ],
        "sums": [
            [name, amount_text(amount, one.currency, words.language)]
            for place, (name, amount) in enumerate(sums)
            if place == 0 or amount
        ],
        "total": [
            _("Closing balance"),
            f"{one.currency} {amount_text(one.closing_minor, one.currency, words.language)}",
        ],
    }


def amount_text(amount_minor: int, currency: str, language: str) -> str:
    """Return an amount with the decimals of its currency, as a place writes it."""
    decimals = currency_exponent(currency)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = str(format_decimal(abs(_major(amount_minor, currency)), pattern, locale=language))
    return f"{MINUS}{text}" if amount_minor < 0 else text


def _major(amount_minor: int, currency: str) -> Decimal:
    return Decimal(amount_minor).scaleb(-currency_exponent(currency))


def _day(day: object) -> str:
    return "" if day is None else str(day)


def _row(line: StatementLine, currency: str, words: PaperWords) -> Row:
    return [
        _day(line.value_date),
        _day(line.due_on),
        words.gettext(ENTRY_WORDS[line.kind]),
        line.text,
        line.reference,
        _major(line.amount_minor, currency),
        _major(line.balance_minor, currency),
    ]


def _trial_row(one: TrialRow, home: str, words: PaperWords) -> Row:
    amounts: Row = [_major(one.amount_minor, one.currency), _major(one.base_minor, home)]
    return [one.code, words.gettext(ACCOUNT_WORDS[one.kind]), one.name, one.currency, *amounts]


def _workbook(title: str, sheets: Iterable[tuple[str, list[str], list[Row]]], made_on: datetime) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, TEXTS_STAY_TEXTS) as book:
        # a day of the books instead of now: the same books give the same bytes
        book.set_properties({"title": title, "created": made_on})
        bold = book.add_format({"bold": True, "bottom": 1})
        amount = book.add_format({"num_format": "#,##0.00"})
        for name, head, rows in sheets:
            page = book.add_worksheet(name[:31])
            page.freeze_panes(1, 0)
            page.set_column(0, 1, 12)
            page.set_column(2, 3, 32)
            page.set_column(4, 6, 14)
            page.write_row(0, 0, head, bold)
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        page.write_string(number, column, cell)
                    else:
                        page.write_number(number, column, cell, amount)
    return buffer.getvalue()
