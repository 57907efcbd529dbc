"""Sentences about what an import finds, beside those about all files in `fault_texts`."""

from consortium.texts import mark

SENTENCES = {
    "bad_toml": mark("this is not valid TOML: {found}"),
    "example_row": mark("this is the example of the template: put {expected}"),
    "missing_column": mark("the column {expected} is missing; there are {found}"),
    "reference_across": mark("the line pointed to is another's: expected {expected}, found {found}"),
    "reference_ambiguous": mark("several lines have the number pointed to: expected {expected}, found {found}"),
    "reference_chain": mark("the line pointed to points on to another: expected {expected}, found {found}"),
    "reference_unknown": mark("the line pointed to is not in the file: expected {expected}, found {found}"),
    "reference_unusable": mark("the line pointed to cannot be used itself: expected {expected}, found {found}"),
    "unusable_value": mark("the line has no value of its own: {found}"),
}
"""Fault code -> what is wrong, in English; the place goes before it."""

EXPECTATIONS = (
    mark("a code not used in row {row}"),
    mark("a code that is not used yet"),
    mark("a date as {form}"),
    mark("a known {what}"),
    mark("a mapping only with orders"),
    mark("a mass > 0"),
    mark("a name whose code {code} is not that of {name}"),
    mark("a reference to a line that can be used, not row {row}"),
    mark("a reference to a line with measures of its own, not row {row}"),
    mark("a workbook .xlsx or a table .csv"),
    mark("an order not already in row {row}"),
    mark("an order of this file"),
    mark("at least one lane"),
    mark("exactly one line with {column} {line}"),
    mark("orders, --mapping and --tariff together"),
    mark("the code of a member"),
    mark("the code of a product of the member"),
    mark("the code of a tariff"),
    mark("the name of a firm"),
    mark("your own rows in place of the example"),
    mark("{column} as in row {row}, {value}"),
    mark("{column} only once"),
    mark("--consortium with one of {names}"),
)
"""What faults of an import expect, as patterns."""
