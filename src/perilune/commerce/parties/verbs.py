"""Orders and questions about parties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from perilune.commerce.books import Books
from perilune.commerce.event import Decision, Draft, Event, Moment
from perilune.commerce.fields import Asked, Id, Name
from perilune.commerce.money import CURRENCIES
from perilune.commerce.parties.state import Party
from perilune.commerce.verbs import EVERYONE, Verb, View
from perilune.errors import InputError, NameNotFoundError, RefusedError

Kind = Literal["customer", "agency", "authority", "supplier", "insurer", "partner", "entity"]

_CODES: Final = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

#: ISO 3166-1 alpha-2 codes.
COUNTRIES: Final = frozenset(_CODES.split())


def _known_country(code: str) -> str:
    if code not in COUNTRIES:
        raise InputError(f'{code[:20]!r} is no country code of ISO 3166. Write two letters: "JP", "LU", "US"')
    return code


Country = Annotated[
    str, AfterValidator(_known_country), Field(min_length=2, max_length=2, pattern="^[A-Z]{2}$")
]


class Add(Asked):
    """A party to be known by."""

    id: Id = Field(description="Stable id of the party.")
    name: Name = Field(description="Its name.")
    country: Country = Field(description="Country it is seated in, ISO 3166-1 alpha-2.")
    kind: Kind = Field(description="What it is; an own legal entity is an 'entity'.")
    currency: str = Field("", max_length=3, description="Currency of the books, of an own legal entity only.")


def add(books: Books, asked: Add, moment: Moment) -> Decision:  # noqa: ARG001
    """Take up a party."""
    if asked.id in books.parties.by_id:
        raise RefusedError("state", f"There is a party {asked.id!r} already. Choose another id.")
    if asked.kind == "entity" and not asked.currency:
        raise InputError('An own legal entity keeps its books in a currency. Give one: --currency "JPY".')
    if asked.kind != "entity" and asked.currency:
        raise InputError("Only an own legal entity has a currency of its books. Leave it out.")
    if asked.currency and asked.currency not in CURRENCIES:
        raise NameNotFoundError("currency", asked.currency, CURRENCIES)
    return Decision((Draft("party.added", asked.model_dump(mode="json")),), {"id": asked.id})


def _added(books: Books, event: Event) -> None:
    books.parties.by_id[event.data["id"]] = Party(**event.data)


class Listed(Asked):
    """Which parties to list."""

    kind: Kind | None = Field(None, description="Those of one kind only.")


def _rows(books: Books, asked: Listed) -> Iterable[Party]:
    return [one for one in books.parties.by_id.values() if asked.kind in (None, one.kind)]


class Shown(Asked):
    """Which party to show."""

    id: Id = Field(description="Id of the party.")


def _shown(books: Books, asked: Shown) -> Iterable[Party]:
    """No row for an unknown id: a customer cannot tell it from one that it may not see."""
    found = books.parties.by_id.get(asked.id)
    return () if found is None else (found,)


def _seen_by(row: Party) -> Sequence[str]:
    """Whom the house is and who licenses it is public; customers do not learn of each other."""
    return (EVERYONE,) if row.kind in {"entity", "authority"} else (row.id,)


VERBS: Final = (
    Verb("party", "add", Add, add, "party:write", "Take up a customer, agency, authority or own entity."),
)
VIEWS: Final = (
    View(
        "party",
        "list",
        Listed,
        _rows,
        Party,
        "party:read",
        "List the parties.",
        seen_by=_seen_by,
        licensed=True,
    ),
    View(
        "party", "show", Shown, _shown, Party, "party:read", "Show a party.", seen_by=_seen_by, licensed=True
    ),
)
APPLIED: Final = {"party.added": _added}
