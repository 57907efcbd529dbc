"""One door for all forms of a problem: JSON file, workbook, folder of CSV files."""

from pathlib import Path

from consortium.formats.csv_folder import read_csv_folder
from consortium.formats.guards import MAX_JSON_BYTES, read_bytes, refuse
from consortium.formats.problem_json import Warnings, read_problem_json
from consortium.formats.problem_tables import problem_of_tables
from consortium.formats.workbook import read_workbook
from optimizer.problem import ConsolidationProblem

KINDS = "a problem .json, a workbook .xlsx or a folder of CSV files"


def read_problem(path: Path | str) -> tuple[ConsolidationProblem, Warnings]:
    """Read a consolidation problem.

    Parameters
    ----------
    path
        A ``.json`` file (``consortium/problem@1``), a workbook ``.xlsx``, or a folder of CSV files.

    Returns
    -------
    tuple
        The problem, and warnings with their places.

    Raises
    ------
    InputError
        With all faults found, each with file, sheet, row and column, or with the path in the document.
    """
    path = Path(path)
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if is_folder:
        return problem_of_tables(read_csv_folder(path))
    ending = path.suffix.lower()
    if ending == ".xlsx":
        return problem_of_tables(read_workbook(path))
    content = read_bytes(path, MAX_JSON_BYTES)
    if ending != ".json":
        refuse(str(path), "unknown_kind", KINDS, path.name)
    return read_problem_json(content, str(path))
