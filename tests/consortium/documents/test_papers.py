"""Papers read back: every number as in the plan, in three languages, the same bytes each time, nothing of a rival."""

import io
import re
from dataclasses import replace
from datetime import date

import openpyxl
import pypdf
import pytest
from pypdf.generic import DictionaryObject

from consortium.documents.loading_sheet import loading_sheet
from consortium.documents.papers import LOAD_PAPERS, MASS_PAPER, PaperRequest, load_paper
from consortium.documents.typesetting import PaperSize
from consortium.documents.verified_mass import Weighing
from consortium.texts import LANGUAGES
from consortium.views_loads import NEUTRAL, LoadView
from optimizer.load_result import Balance
from optimizer.result import Violation
from tests.consortium.documents.builders import ANDINA, COFFEE, CUPS, HONEY, PLATES, SHARED, Pile, view_of

ENGLISH = PaperRequest(reference="PS-1 · K-1", language="en")


def pdf_text(content: bytes) -> str:
    """Return the words of a PDF in a row, without line breaks."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def paper_text(view: LoadView, name: str, asked: PaperRequest = ENGLISH) -> str:
    return pdf_text(load_paper(view, name, asked))


def rows_of(content: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def said_of_steps(text: str) -> list[str]:
    """Return what a stuffing sheet in English says of each step, without what stands in its pictures."""
    parts = re.split(r" (\d+) (?=\d+ × )", text)
    assert [int(number) for number in parts[1::2]] == list(range(1, len(parts[1::2]) + 1))
    return [f"{part.split(' done ')[0]} | {part[part.index('Arranged') :]}" for part in parts[2::2]]


def test_the_sheet_says_of_every_step_what_the_plan_says() -> None:
    steps = said_of_steps(paper_text(view_of(SHARED), "stuffing-sheet.pdf"))
    assert len(steps) == 4
    assert steps[0] == (
        "27 × Coffee sack Bahía · bahia/O-7 · C | Arranged 3 side by side, 3 deep, 3 high "
        "Each 40 cm upright; 50 cm towards the door, 38.4 cm across "
        "Where against the front wall (0 cm) 120 cm from the left wall, against the right wall on the floor "
        "Mass 553.5 kg (20.5 kg each)"
    )
    assert steps[1] == (
        "24 × Honey 1 kg Andina · andina/O-1 · 1 | Arranged 3 side by side, 2 deep, 4 high "
        "Each 30 cm upright; 60 cm towards the door, 40 cm across "
        "Where against the front wall (0 cm) against the left wall (0 cm) on the floor Mass 288 kg (12 kg each)"
    )
    assert steps[3].startswith(
        "12 × Cups Cumbre · cumbre/O-3 · T | Arranged 4 side by side, 3 deep "
        "Each 35 cm upright; 40 cm towards the door, 30 cm across "
        "Where 120.5 cm from the front wall against the left wall (0 cm) at 50 cm height, on top of step 3 "
        "Mass 51 kg (4.25 kg each)"
    )


def test_every_step_of_a_larger_load_is_told_with_its_numbers() -> None:
    piles = [
        Pile(at=(x * 610, y * 410, 0), counts=(1, 1, 1 + (x + y) % 3), package=f"{x}-{y}", description=f"Goods {x}-{y}",
             mass_g=1_000 + 7 * x + y)
        for x in range(9) for y in range(5)
    ]  # fmt: skip
    view = view_of(piles)
    said = said_of_steps(paper_text(view, "stuffing-sheet.pdf"))
    told = loading_sheet(view).told
    assert len(said) == len(told) == 45
    for words, one in zip(said, told, strict=True):
        step = one.step
        assert words.startswith(f"{len(step.places)} × {step.one.description} Andina")
        assert f"Mass {one.mass_g / 1000:g} kg" in words
        front = f"{step.x_mm / 10:g} cm from the front wall" if step.x_mm else "against the front wall (0 cm)"
        left = f"{step.y_mm / 10:g} cm from the left wall" if step.y_mm else "against the left wall (0 cm)"
        assert f"Where {front} {left}" in words


def test_the_first_page_says_totals_owners_and_verdicts() -> None:
    text = paper_text(view_of(SHARED), "stuffing-sheet.pdf")
    assert "Packages 87 Steps 4 Cargo mass 1,108.5 kg Filled, by volume 12.3 % Greatest cargo mass 28,260 kg" in text
    assert "Andina packages: 24; mass: 288 kg; steps: 2" in text
    assert "Cumbre packages: 36; mass: 267 kg; steps: 3, 4" in text
    assert "no rule is broken" in text
    assert (
        "annex 7: good. The centre of gravity lies at 48.1 % of the length from the front wall, 51.2 % of the width "
        "from the left wall, 34.5 % of the height" in text
    )
    assert "Container number Seal number Loaded by (name, signature) Checked by (name, signature)" in text


def test_the_judge_s_objections_and_bad_balance_are_told() -> None:
    violation = Violation(rule="placed_support", subject="K-1: P step 3", claimed="10 mm2", found="200 mm2")
    text = paper_text(view_of(SHARED, verdict=(violation,), balance=Balance.OUTSIDE), "stuffing-sheet.pdf")
    assert "broken rule: placed_support (K-1: P step 3): claimed 10 mm2, found 200 mm2" in text
    assert "annex 7: outside the limits" in text
    assert "no rule is broken" not in text


@pytest.mark.parametrize("paper", PaperSize)
def test_pages_are_counted_on_both_papers(paper: PaperSize) -> None:
    content = load_paper(view_of(SHARED), "stuffing-sheet.pdf", replace(ENGLISH, paper=paper))
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 2
    assert [f"Page {number} of 2" in page.extract_text() for number, page in enumerate(pages, 1)] == [True, True]
    wide, high = {PaperSize.A4: (595, 842), PaperSize.LETTER: (612, 792)}[paper]
    assert (round(pages[0].mediabox.width), round(pages[0].mediabox.height)) == (wide, high)


def test_the_packing_list_sums_up_by_consignment_and_in_total() -> None:
    text = paper_text(view_of(SHARED), "packing-list.pdf")
    assert "andina/O-1 · 1 Honey 1 kg 24 12 288 1.728 2" in text
    assert "cumbre/O-3 · P Plates 24 9 216 0.960 3" in text
    assert "cumbre/O-3 · T Cups 12 4.25 51 0.504 4 Sum 36 267 1.464" in text
    assert "Total 87 1,108.5 5.266" in text  # 1.728 + 2.0736 + 0.960 + 0.504, to the litre


def test_the_verified_gross_mass_is_the_sum_of_its_parts() -> None:
    weighing = Weighing(
        container_no="csqu 305438-3", dunnage_g=85_500, tare_g=2_230_000, person="Ana Rojas", company="Consorcio Norte",
        day=date(2027, 3, 2),
    )  # fmt: skip
    text = paper_text(view_of(SHARED), MASS_PAPER, replace(ENGLISH, weighing=weighing))
    assert (
        "Cargo, gross 1,108.5 kg Pallets, dunnage and securing material 85.5 kg Tare, as on the door 2,230 kg" in text
    )
    assert "Verified gross mass 3,424 kg" in text
    for words in ("CSQU3054383", "Ana Rojas", "Consorcio Norte", "2 Mar 2027", "method 2 of SOLAS chapter VI"):
        assert words in text
    assert "Not to be declared" not in text


def test_a_tare_that_nobody_read_from_the_door_is_not_declared() -> None:
    text = paper_text(view_of(SHARED), MASS_PAPER)
    assert "Tare, typical of the type 2,220 kg" in text
    assert "Verified gross mass 3,328.5 kg" in text
    assert "Not to be declared yet: read the tare on the container's door" in text.replace("’", "'")
    unknown = paper_text(view_of(SHARED, tare_g=None), MASS_PAPER)
    assert "3,328.5" not in unknown


def test_a_container_that_is_too_heavy_says_so() -> None:
    text = paper_text(view_of([replace(HONEY, mass_g=1_300_000)]), MASS_PAPER)
    assert "Verified gross mass 33,420 kg" in text
    assert "Too heavy: the container may weigh 30,480 kg at most." in text


def test_the_workbook_of_steps_holds_the_numbers_of_the_plan() -> None:
    header, *rows = rows_of(load_paper(view_of(SHARED), "stuffing-sheet.xlsx", ENGLISH))
    assert header[:4] == ("Step", "Packages", "Goods", "Owner")
    assert rows[0] == (
        1, 27, "Coffee sack", "Bahía", "bahia/O-7", "C", 3, 3, 3, 50, 38.4, 40, 0, 120, 0, None, 20.5, 553.5,
    )  # fmt: skip
    assert rows[3] == (
        4, 12, "Cups", "Cumbre", "cumbre/O-3", "T", 4, 3, 1, 40, 30, 35, 120.5, 0, 50, "3", 4.25, 51,
    )  # fmt: skip
    assert len(rows) == 4


def test_the_workbook_of_the_packing_list_ends_with_the_total() -> None:
    header, *rows = rows_of(load_paper(view_of(SHARED), "packing-list.xlsx", ENGLISH))
    assert header[3:] == ("Goods", "Packages", "Gross kg each", "Gross kg", "Net kg", "m³", "Steps")
    assert rows[0] == ("Andina", "andina/O-1", "1", "Honey 1 kg", 24, 12, 288, None, 1.728, "2")
    assert rows[-1] == ("Total", None, None, None, 87, None, 1108.5, None, 5.2656, None)


@pytest.mark.parametrize("name", ["stuffing-sheet.xlsx", "packing-list.xlsx"])
def test_no_text_becomes_a_formula_or_a_link(name: str) -> None:
    nasty = Pile(at=(0, 0, 0), owner=replace(ANDINA, label="=cmd|'/c calc'!A0"), consignment="@SUM(1+1)",
                 package="+1", description='=HYPERLINK("http://x.example","x")')  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(load_paper(view_of([nasty]), name, ENGLISH)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell for cell in cells if cell.hyperlink] == []
    assert {"=cmd|'/c calc'!A0", "@SUM(1+1)", "+1", '=HYPERLINK("http://x.example","x")'} <= {c.value for c in cells}


def test_no_text_is_read_as_markup() -> None:
    nasty = Pile(
        at=(0, 0, 0), owner=replace(ANDINA, label='#read("/etc/passwd")'), description="$x^2$ *b* <a> & `c` \\"
    )
    text = paper_text(view_of([nasty]), "stuffing-sheet.pdf")
    assert "$x^2$ *b* <a> & `c` \\" in text
    assert '#read("/etc/passwd")' in text


SPANISH_AND_PORTUGUESE = {
    "es": ("Hoja de estiba", "Paso", "contra la pared frontal", "3 lado a lado, 2 de fondo, 4 de alto", "1.108,5 kg"),
    "pt": ("Folha de estufagem", "Passo", "contra a parede frontal", "3 lado a lado, 2 em profundidade, 4 em altura",
           "1.108,5 kg"),
}  # fmt: skip
ENGLISH_WORDS = re.compile(
    r"\b(the|step|steps|packages|door|wall|floor|mass|each|where|name|date|sheet|gross)\b", re.IGNORECASE
)


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_other_languages_are_complete(language: str) -> None:
    weighing = Weighing(dunnage_g=1, container_no="CSQU3054383")
    neutral = replace(CUPS, owner=NEUTRAL, description="", package="", consignment="", mass_g=None)
    goods = [replace(HONEY, description="Miel"), replace(COFFEE, description="Café"), replace(PLATES, description="X")]
    view = view_of([*goods, neutral], is_whole=True)
    asked = PaperRequest(reference="PS-1", language=language, weighing=weighing)
    texts = [paper_text(replace(view, is_whole=whole), name, asked)
             for name in ("stuffing-sheet.pdf", "packing-list.pdf", MASS_PAPER) for whole in (True, False)]  # fmt: skip
    books = [rows_of(load_paper(view, name, asked)) for name in LOAD_PAPERS if name.endswith(".xlsx")]
    said = " ".join([*texts, *(str(cell) for rows in books for row in rows for cell in row if cell is not None)])
    assert ENGLISH_WORDS.findall(said) == []
    whole = paper_text(view_of(SHARED), "stuffing-sheet.pdf", asked)
    assert [words for words in SPANISH_AND_PORTUGUESE[language] if words.lower() not in (whole + said).lower()] == []


def test_numbers_are_written_as_in_the_country() -> None:
    for country, written in (("PE", "1,108.5 kg"), ("CO", "1.108,5 kg")):
        asked = PaperRequest(reference="PS-1", language="es", country=country)
        assert written in paper_text(view_of(SHARED), "packing-list.pdf", asked) + paper_text(
            view_of(SHARED), "stuffing-sheet.pdf", asked
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdfs_say_their_language_and_title(language: str) -> None:
    content = load_paper(view_of(SHARED), "packing-list.pdf", PaperRequest(reference="PS-1", language=language))
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    assert isinstance(root, DictionaryObject)
    assert root["/Lang"] == language
    assert reader.metadata is not None
    assert (
        reader.metadata.title == {"es": "Lista de empaque", "pt": "Romaneio de carga", "en": "Packing list"}[language]
    )


@pytest.mark.parametrize("name", LOAD_PAPERS)
def test_the_same_plan_gives_the_same_bytes(name: str) -> None:
    assert load_paper(view_of(SHARED), name, ENGLISH) == load_paper(view_of(SHARED), name, ENGLISH)


def test_a_view_of_the_own_packages_only_says_nothing_of_the_whole() -> None:
    own = view_of([HONEY, PLATES], is_whole=False, fill_permille=None, cargo_mass_g=None,
                  centre_of_gravity_permille=None, balance=None)  # fmt: skip
    text = paper_text(own, "stuffing-sheet.pdf")
    assert "Only your own packages are shown" in text
    assert "Your packages 48 Steps 2 Mass of your packages 504 kg" in text
    for words in ("Filled", "centre of gravity", "Greatest cargo mass", "Cargo mass"):
        assert words not in text


def test_neutral_owners_are_drawn_without_a_word_or_a_count() -> None:
    hidden = replace(COFFEE, owner=NEUTRAL, description="", package="", consignment="", mass_g=None)
    text = paper_text(view_of([HONEY, hidden]), "stuffing-sheet.pdf")
    assert "Other firms" in text
    assert [words[:20] for words in said_of_steps(text)] == ["24 × Honey 1 kg Andi"]
    assert "27" not in re.sub(r"2027", "", text)
    assert "Your packages 24 Steps 1" in text


def test_another_name_is_no_paper() -> None:
    with pytest.raises(KeyError):
        load_paper(view_of(SHARED), "plan.json", ENGLISH)
