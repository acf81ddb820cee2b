"""Resources as recorded: licences, agreements, lots with their titles, and the register's leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from perilune.commerce.money import Money


@dataclass(frozen=True, slots=True)
class Area:
    """Where a plan allows collecting: a cap on the mean lunar sphere (MOON_ME, east positive)."""

    latitude_rad: float
    longitude_rad: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Licence:
    """A state's authorisation of one operator's mission with its plan; personal, never assigned.

    `state`: "applied", "granted", "refused", "revoked".
    """

    id: str
    authority: str
    holder: str
    mission: str
    methods: tuple[str, ...]
    area: Area | None
    plan_digest: str
    valid_from: str
    valid_until: str
    state: str
    law: str = ""
    granted_on: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """What is due once the order `due_on` was carried out; `invoice` is "" until then."""

    due_on: str
    amount: Money
    invoice: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sample lay: mean-Earth axes, covariance (east, north) in square metres."""

    latitude_rad: float
    longitude_rad: float
    east_variance_m2: float
    north_variance_m2: float
    covariance_m2: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What was collected, with the digests of what shows it."""

    mass_mg: int
    mass_sigma_mg: int
    method: str
    collected_at: str
    place: Place
    imagery: tuple[str, ...]
    telemetry: str
    camera_geometry: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """A contract to collect and hand over regolith in place; `state` is one of `terms.REGOLITH`."""

    id: str
    buyer: str
    seller: str
    mission: str
    price: Money
    payments: tuple[Payment, ...]
    least_mg: int
    most_mg: int
    term: str
    drafted_on: str
    state: str = "drafted"
    licence: str = ""
    awarded_on: str = ""
    sample: Sample | None = None
    submitted: tuple[str, ...] = ()
    lot: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """Who owned a lot from which day on, by which event of the chain."""

    owner: str
    since: str
    by: str
    seq: int
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """A body of material in place; `parts` are the lots it was split into, after which it is none itself."""

    id: str
    agreement: str
    mass_mg: int
    titles: tuple[Title, ...]
    parent: str = ""
    parts: tuple[str, ...] = ()
    disputed_by: str = ""
    dispute: str = ""

    @property
    def owner(self) -> str:
        """Return who owns it now."""
        return self.titles[-1].owner


@dataclass(slots=True)
class Resources:
    """Licences, agreements and lots by id; `leaves` is the register, one canonical text a change of title."""

    licences: dict[str, Licence] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    lots: dict[str, Lot] = field(default_factory=dict)
    imagery: dict[str, str] = field(default_factory=dict)
    leaves: list[str] = field(default_factory=list)
