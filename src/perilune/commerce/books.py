"""The books of one company: everything that follows from its events, part by part.

Each part's records are frozen; the parts hold them in dictionaries that only `apply` functions change. The
books are a projection: thrown away and made again from the events at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from perilune.commerce.access.state import Access
from perilune.commerce.booking.state import Bookings
from perilune.commerce.contracts.state import Contracts
from perilune.commerce.evidence.state import EvidenceFile
from perilune.commerce.ledger.state import Ledger
from perilune.commerce.manifest.state import Flights
from perilune.commerce.milestones.state import Milestones
from perilune.commerce.parties.state import Parties
from perilune.commerce.payloads.state import Payloads
from perilune.commerce.plans.state import Plans
from perilune.commerce.pricing.state import Pricing
from perilune.commerce.resources.state import Resources


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was answered to a request with a key: the digest of what was asked, and the answer as JSON."""

    digest: str
    answer: str


@dataclass(slots=True)
class Books:
    """All parts of one company's books; `seq` and `at` are those of the last event applied."""

    payloads: Payloads = field(default_factory=Payloads)
    manifest: Flights = field(default_factory=Flights)
    booking: Bookings = field(default_factory=Bookings)
    plans: Plans = field(default_factory=Plans)
    evidence: EvidenceFile = field(default_factory=EvidenceFile)
    milestones: Milestones = field(default_factory=Milestones)
    contracts: Contracts = field(default_factory=Contracts)
    parties: Parties = field(default_factory=Parties)
    ledger: Ledger = field(default_factory=Ledger)
    resources: Resources = field(default_factory=Resources)
    pricing: Pricing = field(default_factory=Pricing)
    access: Access = field(default_factory=Access)
    requests: dict[str, Receipt] = field(default_factory=dict)
    seq: int = 0
    at: str = ""
