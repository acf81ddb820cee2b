"""Quotes: every line by the tariff, exact to the cent; versions; acceptance of what was read; sources."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from regolith import DAY, Desk

from perilune.commerce.money import Money
from perilune.commerce.pricing.published import realised, standard
from perilune.errors import InputError, NameNotFoundError, RefusedError
from perilune.report.quote_page import render_quote


def usd(text: str) -> Money:
    return Money.parse(f"{text} USD")


LAMP = {"needs": {"surface": {"power_w": 6.0, "rate_bit_s": 50_000.0}}, "volume_m3": 0.02}


def quoted(mass_kg: float = 4.35, destination: str = "surface", **wishes: Any) -> Desk:
    desk = Desk()
    desk.order("party add", id="acme", name="Acme <&> Sons", country="US", kind="customer")
    desk.order(
        "plan announce",
        id="m3",
        name="Mission 3",
        launch="2027",
        vehicle="APEX 1.0",
        as_of="2025-05-09",
        source="x",
    )
    desk.order(
        "payload add", id="lamp", name="Lamp", party="acme", mass_kg=mass_kg, destination=destination, **LAMP
    )
    desk.order("quote tariff", standard=True)
    desk.order("quote make", payload="lamp", mission="m3", valid_until="2026-12-31", **wishes)
    return desk


def test_a_quote_line_by_line() -> None:
    desk = quoted(hosted_s=36_000, priority=True, discount_bp=1000, terms="Half on signing.")
    lines = desk.rows("quote show", id="Q-000001")
    assert [(one.what.split()[0], one.quantity, one.amount) for one in lines] == [
        ("Carriage", "4.35 kg", usd("6525000.00")),  # 1.5 M USD/kg, published
        ("Power", "1.65 W", usd("247500.00")),  # 6 W, of which 4.35 W are included
        ("Data", "6.5 kbit/s", usd("97500.00")),
        ("Volume", "2.6 l", usd("195000.00")),
        ("Hosted", "10 h", usd("50000.00")),
        ("Kept", "20 %", usd("1305000.00")),
        ("Discount", "10 %", usd("-842000.00")),
    ]
    (row,) = desk.rows("quote list")
    assert row.total == usd("7578000.00")


def test_the_price_of_a_kilogram_is_the_published_one() -> None:
    rates = {rate["item"]: rate for rate in standard()["rates"]}
    assert rates["kg.surface"]["price"] == usd("1500000.00").data()
    assert rates["kg.surface"]["per"] == 1000
    assert rates["kg.surface"]["confidence"] == "published"
    assert "2025-05-09" in rates["kg.surface"]["source"]
    assert all(rate["source"] and rate["confidence"] for rate in rates.values())


def test_what_was_realised_stands_beside_it() -> None:
    sales = {sale.mission: sale for sale in realised()}
    assert sales["HAKUTO-R Mission 2"].per_kg == usd("483333.33")
    assert sales["HAKUTO-R Mission 2"].bound == "at least"
    assert all(sale.source and sale.confidence for sale in sales.values())


@given(st.integers(1, 300_000))
def test_carriage_is_within_half_a_cent_of_its_exact_price(mass_g: int) -> None:
    desk = quoted(mass_g / 1000)
    carriage = desk.rows("quote show", id="Q-000001")[0].amount
    assert abs(carriage.minor * 1000 - 150_000_000 * mass_g) <= 500
    (row,) = desk.rows("quote list")
    assert row.total.minor == sum(line.amount.minor for line in desk.rows("quote show", id="Q-000001"))


def test_only_the_version_that_was_read_is_accepted_by_its_customer_in_time() -> None:
    desk = quoted()
    desk.order("quote revise", id="Q-000001", discount_bp=500)
    with pytest.raises(RefusedError, match=r"is at version 2, not 1\. Read it again"):
        desk.order("quote accept", "acme", id="Q-000001", version=1)
    with pytest.raises(RefusedError, match="Only 'acme' can accept"):
        desk.order("quote accept", id="Q-000001", version=2)
    with pytest.raises(RefusedError, match="was valid until 2026-12-31"):
        desk.order("quote accept", "acme", id="Q-000001", version=2, day="2027-01-01")
    assert desk.order("quote accept", "acme", id="Q-000001", version=2)["state"] == "accepted"
    with pytest.raises(RefusedError, match="is accepted already"):
        desk.order("quote decline", "acme", id="Q-000001", why="x")
    assert [one.state for one in desk.rows("quote list", versions=True)] == ["revised", "accepted"]


def test_revising_keeps_what_is_not_said() -> None:
    desk = quoted(priority=True, hosted_s=3600)
    desk.order("quote revise", id="Q-000001", hosted_s=0)
    told = [line.what.split()[0] for line in desk.rows("quote show", id="Q-000001")]
    assert "Kept" in told
    assert "Hosted" not in told
    with pytest.raises(RefusedError, match="Nothing to revise"):
        desk.order("quote revise", id="Q-000001")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"payload": "nothing"}, "No payload 'nothing'"),
        ({"mission": "m99"}, "No mission 'm99'"),
        ({"valid_until": "2026-05-01"}, "before it is made"),
    ],
)
def test_a_quote_that_cannot_be_is_refused(asked: dict[str, Any], text: str) -> None:
    desk = quoted()
    with pytest.raises(InputError, match=text):
        desk.order("quote make", **{"payload": "lamp", "mission": "m3", "valid_until": "2026-12-31", **asked})


def test_tariffs_follow_one_another() -> None:
    desk = quoted()
    with pytest.raises(RefusedError, match="There is a tariff 'list-2025' already"):
        desk.order("quote tariff", standard=True)
    rate = {
        "item": "kg.surface",
        "price": "2000000.00 USD",
        "per": 1000,
        "source": "x",
        "confidence": "assumed",
    }
    with pytest.raises(RefusedError, match="a new one must begin later"):
        desk.order("quote tariff", id="old", since="2025-01-01", rates=[rate], source="x")
    with pytest.raises(InputError, match="A tariff needs since, source"):
        desk.order("quote tariff", id="new", rates=[rate])
    with pytest.raises(InputError, match="one currency, not EUR, USD"):
        two = [rate, {**rate, "item": "kg.orbit", "price": "1.00 EUR"}]
        desk.order("quote tariff", id="new", since="2026-03-01", rates=two, source="x")
    desk.order("quote tariff", id="new", since="2026-03-01", rates=[rate], source="x")
    with pytest.raises(NameNotFoundError, match="No item of the tariff 'power'"):
        desk.order("quote make", payload="lamp", mission="m3", valid_until="2026-12-31")


def test_where_a_mission_breaks_even() -> None:
    desk = quoted()
    with pytest.raises(RefusedError, match="No costs of 'm3' are recorded"):
        desk.rows("quote break-even", mission="m3")
    for id_, amount, per_kg in (("lander", "90000000.00 USD", False), ("integration", "100000.00 USD", True)):
        desk.order(
            "quote cost",
            id=id_,
            mission="m3",
            item=id_,
            amount=amount,
            per_kg=per_kg,
            source="test",
            confidence="assumed",
        )
    desk.order("manifest open", mission="m3", vehicle="APEX 1.0", launch_on="2027-06-01")
    desk.order("quote accept", "acme", id="Q-000001", version=1)
    (told,) = desk.rows("quote break-even", mission="m3")
    assert told.price_per_kg == usd("400000.00")  # 90 M USD over 300 kg, and 0.1 M USD/kg
    assert told.mass_kg == pytest.approx(90.0 / 1.4)
    assert told.sold == usd("7065000.00")
    assert told.sold_kg == 4.35
    assert told.result == usd("7065000.00") - usd("90000000.00") - usd("435000.00")


def test_the_page_escapes_what_people_typed_and_needs_no_network() -> None:
    page = render_quote(quoted(terms="<script>alert(1)</script>").books, "Q-000001")
    assert "Acme &lt;&amp;&gt; Sons" in page
    assert "<script>" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "7,065,000.00 USD" in page
    with pytest.raises(NameNotFoundError, match="No quote 'Q-9'"):
        render_quote(quoted().books, "Q-9")


def test_a_payload_that_was_revised_is_not_had_at_the_price_of_before() -> None:
    desk = quoted(mass_kg=4.0)
    desk.order("payload revise", "acme", id="lamp", mass_kg=25.0)
    with pytest.raises(RefusedError, match=r"'lamp' was revised since .* it would be 37,500,000\.00 USD"):
        desk.order("quote accept", "acme", id="Q-000001", version=1)
    desk.order("payload revise", "acme", id="lamp", name="Lamp II", mass_kg=4.0)
    assert desk.order("quote accept", "acme", id="Q-000001", version=1)["state"] == "accepted"


@pytest.mark.parametrize("how", ["wait", "other flight", "lapsed"])
def test_what_has_no_place_on_the_flight_is_not_sold(how: str) -> None:
    desk = quoted(mass_kg=4.0)
    desk.order("plan announce", id="m4", name="m4", launch="2028", vehicle="APEX 1.0", as_of=DAY, source="x")
    for mission in ("m3", "m4"):
        desk.order("manifest open", mission=mission, vehicle="APEX 1.0", launch_on="2028-06-01")
    if how == "wait":
        desk.order("book reserve", mission="m3", party="acme", mass_kg=298.0)
        desk.order("book wait", mission="m3", payload="lamp")
    elif how == "lapsed":
        desk.order("book option", mission="m3", payload="lamp", until=DAY)
    else:
        desk.order("book reserve", mission="m4", payload="lamp")
    with pytest.raises(RefusedError, match="'lamp' has no place on mission 'm3'"):
        desk.order("quote accept", "acme", id="Q-000001", version=1, day="2026-06-02")


def test_what_was_sold_does_not_grow_by_its_customer_alone() -> None:
    desk = quoted(mass_kg=4.0)
    desk.order("manifest open", mission="m3", vehicle="APEX 1.0", launch_on="2028-06-01")
    held = desk.order("quote accept", "acme", id="Q-000001", version=1)["booking"]
    with pytest.raises(RefusedError, match=f"Booking {held} holds what quote 'Q-000001' sold"):
        desk.order("book resize", "acme", id=held, mass_kg=25.0)
    desk.order("book resize", id=held, mass_kg=25.0)
    for change in ({"mass_kg": 25.0}, {"destination": "orbit"}):
        with pytest.raises(RefusedError, match="'lamp' was sold as it is by quote 'Q-000001'"):
            desk.order("payload revise", "acme", id="lamp", **change)
    desk.order("payload revise", "acme", id="lamp", mass_kg=3.5)
    assert desk.order("payload revise", id="lamp", mass_kg=25.0) == {"id": "lamp", "revision": 3}
