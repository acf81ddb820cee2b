"""What is asked about resources."""

from __future__ import annotations

import math
from typing import Annotated, Final, Literal

from pydantic import Field

from perilune.commerce.fields import Asked, BasisPoints, Day, Digest, Id, Name
from perilune.commerce.money import Amount
from perilune.commerce.resources.terms import PAYABLE
from perilune.commerce.when import When

Latitude = Annotated[float, Field(ge=-math.pi / 2, le=math.pi / 2)]
Longitude = Annotated[float, Field(ge=-math.pi, le=2 * math.pi)]
MassKg = Annotated[float, Field(gt=0.0, le=1_000_000.0)]
VarianceM2 = Annotated[float, Field(gt=0.0, le=1e12)]

#: Milligrams in a kilogram.
MG_PER_KG: Final = 1_000_000


def whole_mg(mass_kg: float) -> int:
    """Return a mass in whole milligrams, so that lots split without a rest.

    >>> whole_mg(0.12)
    120000
    """
    return round(mass_kg * MG_PER_KG)


class AreaAsked(Asked):
    """A cap on the mean lunar sphere."""

    latitude_rad: Latitude
    longitude_rad: Longitude
    radius_m: float = Field(gt=0.0, le=5_500_000.0)


class Apply(Asked):
    """An application for a licence, with the mission's plan."""

    id: Id = Field(description="Stable id of the licence.")
    authority: Id = Field(description="The licensing state's authority.")
    holder: Id = Field(description="The operator whose licence it is to be.")
    mission: Id = Field(description="Stable id of the mission.")
    methods: tuple[Name, ...] = Field(min_length=1, max_length=20, description="How it is to be collected.")
    area: AreaAsked | None = Field(None, description="Where: needed before anything is collected.")
    plan_digest: Digest = Field(description="SHA-256 of the plan that is handed in.")
    valid_from: Day = Field(description="First day asked for.")
    valid_until: Day = Field(description="Last day asked for.")
    law: Name = Field("", description="The law it stands on.")


class Named(Asked):
    """A licence."""

    id: Id = Field(description="The licence.")


class Assign(Asked):
    """A licence that somebody else is to hold."""

    id: Id = Field(description="The licence.")
    to: Id = Field(description="Who is to hold it.")


class PaymentAsked(Asked):
    """A part of the price, due once an order was carried out."""

    due_on: Literal[PAYABLE]  # type: ignore[valid-type]
    share: BasisPoints = Field(gt=0, description="In parts of ten thousand.")


class DraftAsked(Asked):
    """A contract to collect regolith and hand it over in place."""

    id: Id = Field(description="Stable id of the contract.")
    buyer: Id = Field(description="Who buys.")
    seller: Id = Field(description="Which own legal entity sells.")
    mission: Id = Field(description="Stable id of the mission.")
    price: Amount = Field(description="The whole price.")
    payments: tuple[PaymentAsked, ...] = Field(
        (
            PaymentAsked(due_on="award", share=1000),
            PaymentAsked(due_on="launch", share=1000),
            PaymentAsked(due_on="transfer", share=8000),
        ),
        min_length=1,
        max_length=8,
        description="Shares that add up to the whole [default: 10 % award, 10 % launch, 80 % transfer].",
    )
    least_mass_kg: MassKg = Field(0.05, description="The least mass that fulfils it.")
    most_mass_kg: MassKg = Field(0.5, description="The most mass that is bought.")
    term: Day = Field(description="The day by which it must be fulfilled.")
    on: Day | None = Field(None, description="The day from which it counts [default: today].")


class OnContract(Asked):
    """A regolith contract."""

    id: Id = Field(description="The contract.")
    on: Day | None = Field(None, description="The day from which it counts [default: today].")


class Pay(OnContract):
    """Money that came in for a regolith contract."""

    due_on: Name = Field(description="The step it was due on (award, launch, transfer).")
    amount: Amount | None = Field(None, description="How much of it [default: all that is open].")


class Authorise(OnContract):
    """A regolith contract and the licence it is carried out under."""

    licence: Id = Field(description="The licence.")


class Shown(OnContract):
    """A regolith contract and the evidence for a step."""

    evidence: Id = Field(description="The evidence that shows it.")


class Why(OnContract):
    """A regolith contract and the reason for a step."""

    why: Name = Field(description="The reason.")


class Failed(Why):
    """A regolith contract that was not fulfilled, with the evidence for it."""

    evidence: Id = Field(description="The evidence that shows it.")


class PlaceAsked(Asked):
    """Where a sample lay, with the covariance of its place."""

    latitude_rad: Latitude
    longitude_rad: Longitude
    east_variance_m2: VarianceM2
    north_variance_m2: VarianceM2
    covariance_m2: float = Field(0.0, ge=-1e12, le=1e12)


class Collect(OnContract):
    """A sample as collected, with the digests of what shows it."""

    mass_kg: MassKg = Field(description="Estimated mass.")
    mass_sigma_kg: MassKg = Field(description="Standard deviation of that estimate.")
    method: Name = Field(description="How it was collected.")
    collected_at: When = Field(description="When.")
    place: PlaceAsked = Field(description="Where.")
    imagery: tuple[Digest, ...] = Field(min_length=2, max_length=100, description="SHA-256 of the images.")
    telemetry: Digest = Field(description="SHA-256 of the telemetry.")
    camera_geometry: Digest = Field(description="SHA-256 of the cameras' geometry.")


class Resolve(OnContract):
    """A dispute that both sides have settled."""

    agreed_by: Id = Field(description="The other side, who agrees.")
    why: Name = Field(description="What was agreed.")


class Split(Asked):
    """A lot to be divided."""

    id: Id = Field(description="The lot.")
    masses_kg: tuple[MassKg, ...] = Field(min_length=2, max_length=100, description="Mass of each part.")


class Sell(Asked):
    """A lot to be sold on."""

    id: Id = Field(description="The lot.")
    buyer: Id = Field(description="Who buys.")
    price: Amount = Field(description="For how much.")
    on: Day | None = Field(None, description="The day from which it counts [default: today].")


class Dispute(Asked):
    """A lot somebody else claims."""

    id: Id = Field(description="The lot.")
    why: Name = Field(description="What the claim stands on.")


class Lift(Asked):
    """A dispute about a lot that has ended."""

    id: Id = Field(description="The lot.")
    why: Name = Field(description="How it ended.")


class Listed(Asked):
    """Which of them."""

    mission: Id | None = Field(None, description="Only those of this mission.")


class ListedLots(Asked):
    """Which lots."""

    owner: Id | None = Field(None, description="Only those of this owner.")
    whole: bool = Field(False, description="Leave out lots that were split.")


class Proof(Asked):
    """A leaf of the register."""

    index: int = Field(ge=0, le=2**53, description="Which leaf.")
    size: int | None = Field(
        None, ge=1, le=2**53, description="In the tree of so many leaves [default: all]."
    )


class Growth(Asked):
    """Two sizes of the register."""

    first: int = Field(ge=1, le=2**53, description="Size of the earlier tree.")
    size: int | None = Field(None, ge=1, le=2**53, description="Size of the later one [default: all].")


class Nothing(Asked):
    """Nothing more."""
