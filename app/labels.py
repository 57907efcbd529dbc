"""Words for the codes that services and plans speak in."""

from collections.abc import Mapping

from app.texts import _, mark

ROLES = {
    "manager": mark("Manager"),
    "member": mark("Member"),
    "agency": mark("Promotion agency"),
    "auditor": mark("Auditor"),
    "administrator": mark("Administrator"),
}
CONSORTIUM_KINDS = {"promotional": mark("Promotional consortium"), "sales": mark("Sales consortium")}
MEMBER_KINDS = {"firm": mark("Firm"), "association": mark("Association"), "cooperative": mark("Cooperative")}
ORDER_STATES = {
    "entered": mark("Waiting for a shipment"),
    "gathered": mark("In a pooled shipment"),
    "shipped": mark("Shipped"),
    "withdrawn": mark("Withdrawn"),
}
SHIPMENT_STATES = {
    "open": mark("Open"),
    "frozen": mark("Frozen"),
    "planned": mark("Planned"),
    "agreed": mark("Agreed"),
    "shipped": mark("Shipped"),
    "settled": mark("Settled"),
}
STATE_COLOURS = {
    "entered": "blue",
    "gathered": "violet",
    "shipped": "green",
    "withdrawn": "gray",
    "open": "blue",
    "frozen": "violet",
    "planned": "orange",
    "agreed": "green",
    "settled": "gray",
}
MODES = {"fcl": mark("Container"), "lcl": mark("Less than a container (LCL)"), "postal": mark("Post or courier")}
PLAN_STATUSES = {
    "optimal": mark("Proven cheapest"),
    "feasible": mark("Good, not proven cheapest"),
    "infeasible": mark("Nothing can travel"),
    "unknown": mark("No answer within the limits"),
}
JOB_STATES = {
    "queued": mark("Waiting for its turn"),
    "running": mark("Planning"),
    "done": mark("Plan ready"),
    "failed": mark("Planning failed"),
    "cancelled": mark("Planning cancelled"),
}
RULES = {
    "shapley": mark("Shapley value: the mean of what each member adds"),
    "nucleolus": mark("Nucleolus: nobody is left with a large complaint"),
    "proportional": mark("In proportion to what each would pay alone"),
    "proportional_stand_alone": mark("In proportion to what each would pay alone"),
    "proportional_volume": mark("In proportion to volume"),
    "proportional_mass": mark("In proportion to mass"),
    "proportional_freight_tonne": mark("In proportion to freight tonnes"),
    "proportional_value": mark("In proportion to the value of the goods"),
    "equal": mark("Equal shares"),
    "lp_prices": mark("Prices of the goods, raised to the whole cost"),
}
VERDICTS = {
    "proven": mark("Proven fair: no group of members could do better on its own"),
    "refuted": mark("A group of members could do better on its own"),
    "undecided": mark("Not decided: some groups' costs are known only between limits"),
}
BASES = {
    "container": mark("per container"),
    "freight_tonne": mark("per freight tonne"),
    "cubic_metre": mark("per cubic metre"),
    "tonne": mark("per tonne"),
    "bill_of_lading": mark("per bill of lading"),
    "consignment": mark("per consignment"),
    "member": mark("per member"),
    "departure": mark("per departure"),
    "value": mark("on the value"),
    "package": mark("per package"),
}
STAGES = {
    "origin": mark("At origin"),
    "main_carriage": mark("Main carriage"),
    "insurance": mark("Insurance"),
    "destination": mark("At destination"),
}
ALLOCATION_KEYS = {
    "optimised": mark("By the rule of the shipment"),
    "direct": mark("By whoever causes it"),
    "volume": mark("By volume"),
    "mass": mark("By mass"),
    "freight_tonne": mark("By freight tonnes"),
    "value": mark("By value"),
    "equal": mark("In equal parts"),
    "container_use": mark("By use of the container"),
}
CARGO_CLASSES = {
    "dry": mark("Dry goods"),
    "food": mark("Food"),
    "reefer": mark("Refrigerated"),
    "chilled": mark("Chilled"),
    "frozen": mark("Frozen goods"),
    "chemical": mark("Chemicals"),
    "odorous": mark("Strong-smelling goods"),
    "fragile": mark("Fragile goods"),
}


ACTIONS = {
    "adopt_alternative": mark("Chose another plan"),
    "agree": mark("Agreed on a plan"),
    "cancel_job": mark("Cancelled a planning job"),
    "change_charge": mark("Changed a charge"),
    "change_departure": mark("Changed a departure"),
    "change_load": mark("Changed a load by hand"),
    "change_member": mark("Changed a member"),
    "change_order": mark("Changed an order"),
    "change_own_password": mark("Changed the own password"),
    "change_product": mark("Changed a product"),
    "change_shipment": mark("Changed a shipment"),
    "change_tariff": mark("Changed a tariff"),
    "create_user": mark("Created a user"),
    "disable_user": mark("Let a user in no more"),
    "discard_changes": mark("Took back all changes of a load"),
    "drop": mark("Took orders out"),
    "enable_user": mark("Let a user in again"),
    "end_membership": mark("Ended a membership"),
    "enter_order": mark("Entered an order"),
    "freeze": mark("Froze a shipment"),
    "gather": mark("Gathered orders"),
    "grant_role": mark("Gave a role"),
    "import_orders": mark("Imported orders"),
    "import_members": mark("Imported members"),
    "import_products": mark("Imported products"),
    "import_tariffs": mark("Imported tariffs"),
    "load_demo": mark("Loaded the example"),
    "make_link": mark("Made a link to a load plan"),
    "mark_shipped": mark("Marked as shipped"),
    "open_link": mark("Somebody opened a link to a load plan"),
    "open_shipment": mark("Opened a shipment"),
    "register_charge": mark("Added a charge"),
    "register_consortium": mark("Registered a consortium"),
    "register_departure": mark("Added a departure"),
    "register_member": mark("Registered a member"),
    "register_product": mark("Added a product"),
    "register_tariff": mark("Added a tariff"),
    "remove_charge": mark("Removed a charge"),
    "remove_departure": mark("Removed a departure"),
    "reopen": mark("Reopened a shipment"),
    "request_answers": mark("Asked about a plan"),
    "request_plan": mark("Asked for a plan"),
    "request_solve": mark("Asked to load around pins"),
    "revoke_link": mark("Revoked a link to a load plan"),
    "revoke_role": mark("Took a role away"),
    "save_load": mark("Saved a load that was changed by hand"),
    "set_password": mark("Set a new password"),
    "sign_in": mark("Signed in"),
    "sign_out": mark("Signed out"),
    "store_plan": mark("Stored a judged plan"),
    "undo_change": mark("Took back a change of a load"),
    "withdraw_order": mark("Withdrew an order"),
}
"""Names of services in the audit trail."""

SUBJECTS = {
    "charge": mark("charge"),
    "consortium": mark("consortium"),
    "departure": mark("departure"),
    "job": mark("job"),
    "member": mark("member"),
    "order": mark("order"),
    "product": mark("product"),
    "shipment": mark("shipment"),
    "tariff": mark("tariff"),
    "user": mark("user"),
}
"""First words of subjects in the audit trail."""


def word(table: Mapping[str, str], code: object) -> str:
    """Return the word for a code in the reader's language; the code itself when it has none."""
    known = table.get(str(code))
    return _(known) if known else str(code or "–")


def capital(text: str) -> str:
    """Return a sentence that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def words(table: Mapping[str, str]) -> dict[str, str]:
    """Return a table of codes with their words in the reader's language, for a chooser."""
    return {code: _(known) for code, known in table.items()}
