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
OWNER_LEVELS = {
    "free": mark("Mixed freely"),
    "preferred": mark("Together where it costs little"),
    "strict": mark("A part of the length for each member"),
}
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
    "per_capita_nucleolus": mark("Per-capita nucleolus: complaints of groups count per member"),
    "proportional_nucleolus": mark("Proportional nucleolus: complaints of groups count against their cost"),
    "equal_profit": mark(
        "Equal profit: the same percentage saved by all, as nearly as no group having to object allows"
    ),
    "least_core": mark("Least core: the largest complaint of any group is as small as possible"),
    "constrained_egalitarian": mark("The most equal shares to which no group has to object"),
    "equal_saving": mark("Equal savings: everybody saves the same amount"),
    "proportional": mark("In proportion to what each would pay alone"),
    "proportional_stand_alone": mark("In proportion to what each would pay alone"),
    "proportional_volume": mark("In proportion to volume"),
    "proportional_mass": mark("In proportion to mass"),
    "proportional_freight_tonne": mark("In proportion to freight tonnes"),
    "proportional_value": mark("In proportion to the value of the goods"),
    "equal": mark("Equal shares"),
    "lp_prices": mark("Prices of the goods, raised to the whole cost"),
    "weighted_shapley": mark("Weighted Shapley value: by the firms that each member stands for"),
    "owen": mark("Owen value: first among countries, then inside each"),
    "tau": mark("Tau value: between the least and the most that each could be asked for"),
    "scrb": mark("What each adds last, the rest by remaining benefit (SCRB)"),
    "separable": mark("What each adds last, the rest in equal parts"),
    "marginal": mark("In proportion to what each adds last"),
}
RULE_NAMES = {
    "shapley": mark("Shapley"),
    "nucleolus": mark("Nucleolus"),
    "per_capita_nucleolus": mark("Nucleolus per head"),
    "proportional_nucleolus": mark("Nucleolus by cost"),
    "lp_prices": mark("Prices of the goods"),
    "equal_profit": mark("Equal profit"),
    "least_core": mark("Least core"),
    "constrained_egalitarian": mark("Most equal stable"),
    "equal_saving": mark("Equal savings"),
    "proportional": mark("By cost alone"),
    "proportional_volume": mark("By volume"),
    "proportional_mass": mark("By mass"),
    "proportional_freight_tonne": mark("By freight tonnes"),
    "proportional_value": mark("By value"),
    "equal": mark("In equal parts"),
    "weighted_shapley": mark("Weighted Shapley"),
    "owen": mark("Owen"),
    "tau": mark("Tau"),
    "scrb": mark("SCRB"),
    "separable": mark("Separable costs"),
    "marginal": mark("By what is added last"),
}
"""Short names of rules, for tables and charts."""

PROMISES = {
    "always": mark("yes"),
    "if_core": mark("if some shares satisfy every group"),
    "if_subadditive": mark("if two groups never pay less apart"),
    "if_concave": mark("if each saves more, the more others there are"),
    "not_promised": mark("no"),
}
CORE = {
    "proven": mark("no group objects"),
    "refuted": mark("a group objects"),
    "undecided": mark("not decided"),
}
CORE_COLOURS = {"proven": "green", "refuted": "orange", "undecided": "gray"}
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
CHARGE_CLASSES = {
    "freight": mark("Freight"),
    "documents": mark("Documents"),
    "insurance": mark("Insurance"),
    "origin": mark("At origin"),
    "destination": mark("At destination"),
    "other": mark("Other charges"),
    "delay": mark("Waiting"),
    "dead_freight": mark("Dead freight (space left empty)"),
    "no_show": mark("Goods that did not come"),
    "late_document": mark("Late documents"),
    "demurrage": mark("Demurrage and detention"),
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


ENTRY_KINDS = {
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
    "reversal": mark("Taken back"),
}
ACCOUNT_KINDS = {
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
FEE_KINDS = {
    "entry": mark("Entering"),
    "dues": mark("Dues of a period, by days"),
    "commission": mark("Commission on what left"),
    "levy": mark("Levy, shared equally"),
}

ACTIONS = {
    "adopt_alternative": mark("Chose another plan"),
    "agree": mark("Agreed on a plan"),
    "apply_advances": mark("Set advances against cost shares"),
    "assign_movement": mark("Assigned a movement of the bank"),
    "call_for_funds": mark("Called for funds"),
    "cancel_job": mark("Cancelled a planning job"),
    "cancel_study": mark("Stopped a question about cost shares"),
    "change_charge": mark("Changed a charge"),
    "change_departure": mark("Changed a departure"),
    "change_load": mark("Changed a load by hand"),
    "change_member": mark("Changed a member"),
    "change_order": mark("Changed an order"),
    "change_own_password": mark("Changed the own password"),
    "change_product": mark("Changed a product"),
    "change_shipment": mark("Changed a shipment"),
    "change_tariff": mark("Changed a tariff"),
    "close_period": mark("Closed a period of the books"),
    "create_user": mark("Created a user"),
    "decide_rule": mark("Recorded a decision on sharing"),
    "disable_user": mark("Let a user in no more"),
    "discard_changes": mark("Took back all changes of a load"),
    "drop": mark("Took orders out"),
    "enable_user": mark("Let a user in again"),
    "end_membership": mark("Ended a membership"),
    "enter_invoice": mark("Entered an invoice"),
    "enter_order": mark("Entered an order"),
    "execute_transfer": mark("Booked a transfer between members"),
    "exchange_money": mark("Booked an exchange of money"),
    "freeze": mark("Froze a shipment"),
    "gather": mark("Gathered orders"),
    "grant_role": mark("Gave a role"),
    "import_bank_file": mark("Imported a file of the bank"),
    "import_rates": mark("Imported exchange rates"),
    "import_orders": mark("Imported orders"),
    "import_members": mark("Imported members"),
    "import_products": mark("Imported products"),
    "import_tariffs": mark("Imported tariffs"),
    "load_demo": mark("Loaded the example"),
    "make_link": mark("Made a link to a load plan"),
    "mark_shipped": mark("Marked as shipped"),
    "move_budget": mark("Moved a budget"),
    "open_link": mark("Somebody opened a link to a load plan"),
    "open_shipment": mark("Opened a shipment"),
    "post_shares": mark("Booked cost shares"),
    "record_invoice": mark("Booked an invoice"),
    "record_payment": mark("Booked a payment"),
    "record_rate": mark("Recorded an exchange rate"),
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
    "request_replay": mark("Compared other terms of sharing"),
    "request_study": mark("Asked about cost shares"),
    "request_solve": mark("Asked to load around pins"),
    "reverse_entry": mark("Took an entry back"),
    "revoke_link": mark("Revoked a link to a load plan"),
    "revoke_role": mark("Took a role away"),
    "run_fee": mark("Charged a fee"),
    "save_load": mark("Saved a load that was changed by hand"),
    "set_password": mark("Set a new password"),
    "sign_in": mark("Signed in"),
    "sign_out": mark("Signed out"),
    "store_plan": mark("Stored a judged plan"),
    "true_up": mark("Booked the difference to the invoices"),
    "undo_change": mark("Took back a change of a load"),
    "withdraw_order": mark("Withdrew an order"),
    "withdraw_rule": mark("Withdrew a decision on sharing"),
}
"""Names of services in the audit trail."""

SUBJECTS = {
    "bank": mark("bank"),
    "budget": mark("budget"),
    "call": mark("call for funds"),
    "charge": mark("charge"),
    "consortium": mark("consortium"),
    "departure": mark("departure"),
    "entry": mark("entry"),
    "fee": mark("fee"),
    "invoice": mark("invoice"),
    "job": mark("job"),
    "member": mark("member"),
    "order": mark("order"),
    "payment": mark("payment"),
    "product": mark("product"),
    "replay": mark("comparison"),
    "rule": mark("decision"),
    "rates": mark("exchange rates"),
    "settlement": mark("settlement"),
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
