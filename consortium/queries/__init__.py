"""The reads, one module per subject; each takes the viewer first and shows no more than the viewer may know."""

from consortium.queries.answers import member_answers, plan_answers
from consortium.queries.audit import audit_events
from consortium.queries.certificates import member_certificate
from consortium.queries.home import home
from consortium.queries.load_plans import load_choices, load_view
from consortium.queries.manual_loads import manual_load
from consortium.queries.members import consortia, members, products
from consortium.queries.orders import gatherable_orders, order, orders
from consortium.queries.plans import cost_shares, member_plan, plan
from consortium.queries.shared_links import shared_links
from consortium.queries.shipments import shipment, shipments
from consortium.queries.tariffs import departures, tariffs

__all__ = [
    "audit_events",
    "consortia",
    "cost_shares",
    "departures",
    "gatherable_orders",
    "home",
    "load_choices",
    "load_view",
    "manual_load",
    "member_answers",
    "member_certificate",
    "member_plan",
    "members",
    "order",
    "orders",
    "plan",
    "plan_answers",
    "products",
    "shared_links",
    "shipment",
    "shipments",
    "tariffs",
]
