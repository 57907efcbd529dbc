"""The reads, one module per subject; each takes the viewer first and shows no more than the viewer may know."""

from consortium.queries.answers import member_answers, plan_answers
from consortium.queries.audit import audit_events
from consortium.queries.books import arrears, journal, member_statement, trial_balance
from consortium.queries.certificates import member_certificate
from consortium.queries.home import home
from consortium.queries.invoices import invoices
from consortium.queries.load_plans import load_choices, load_view
from consortium.queries.manual_loads import manual_load
from consortium.queries.members import consortia, members, products
from consortium.queries.orders import gatherable_orders, order, orders
from consortium.queries.owner_levels import owner_levels
from consortium.queries.plans import cost_shares, member_plan, plan
from consortium.queries.rules import replays, rules, shipment_rule
from consortium.queries.shared_links import shared_links
from consortium.queries.shipments import shipment, shipments
from consortium.queries.studies import studies, study_choices
from consortium.queries.tariffs import departures, tariffs

__all__ = [
    "arrears",
    "audit_events",
    "consortia",
    "cost_shares",
    "departures",
    "gatherable_orders",
    "home",
    "invoices",
    "journal",
    "load_choices",
    "load_view",
    "manual_load",
    "member_answers",
    "member_certificate",
    "member_plan",
    "member_statement",
    "members",
    "order",
    "orders",
    "owner_levels",
    "plan",
    "plan_answers",
    "products",
    "replays",
    "rules",
    "shared_links",
    "shipment",
    "shipment_rule",
    "shipments",
    "studies",
    "study_choices",
    "tariffs",
    "trial_balance",
]
