"""The tables, one file per subject; import them from here so that the metadata is complete."""

from consortium.models.access import AppUser, Role, RoleGrant, UserSession
from consortium.models.audit import AuditEvent
from consortium.models.invoices import CarrierInvoice, CarrierInvoiceLine, CostDelta
from consortium.models.jobs import Job, JobState
from consortium.models.ledger import (
    OF_A_MEMBER,
    AccountKind,
    AuditSeal,
    BankImport,
    ChainHead,
    EntryKind,
    ExchangeRate,
    LedgerAccount,
    LedgerEntry,
    PeriodClose,
    Posting,
)
from consortium.models.manual_loads import ManualLoad
from consortium.models.members import Consortium, ConsortiumKind, Member, MemberKind
from consortium.models.orders import Order, OrderLine, OrderState, Product
from consortium.models.rules import RuleReplay, RuleVersion
from consortium.models.share_studies import ShareStudy
from consortium.models.shared_links import SharedLink
from consortium.models.shipments import (
    ConsignmentRow,
    CostShare,
    PooledShipment,
    ShipmentState,
    StoredAnswers,
    StoredPlan,
)
from consortium.models.tariffs import ChargeRow, DepartureRow, Tariff

__all__ = [
    "OF_A_MEMBER",
    "AccountKind",
    "AppUser",
    "AuditEvent",
    "AuditSeal",
    "BankImport",
    "CarrierInvoice",
    "CarrierInvoiceLine",
    "ChainHead",
    "ChargeRow",
    "ConsignmentRow",
    "Consortium",
    "ConsortiumKind",
    "CostDelta",
    "CostShare",
    "DepartureRow",
    "EntryKind",
    "ExchangeRate",
    "Job",
    "JobState",
    "LedgerAccount",
    "LedgerEntry",
    "ManualLoad",
    "Member",
    "MemberKind",
    "Order",
    "OrderLine",
    "OrderState",
    "PeriodClose",
    "PooledShipment",
    "Posting",
    "Product",
    "Role",
    "RoleGrant",
    "RuleReplay",
    "RuleVersion",
    "ShareStudy",
    "SharedLink",
    "ShipmentState",
    "StoredAnswers",
    "StoredPlan",
    "Tariff",
    "UserSession",
]
