from dataclasses import replace

import pytest
from flights import LANDED, M2, crashed, delivery, lunar_orbit, transfer
from hypothesis import given
from hypothesis import strategies as st

from perilune.epoch import Epoch
from perilune.mission.delivery import LandingResult
from perilune.mission.load import load
from perilune.mission.log import flight_log
from perilune.operations.flight_log import Entry, FlightLog
from perilune.operations.milestones import Milestone, Need, Published, Status, assess, in_order

T0 = Epoch.utc("2025-01-15T06:11:39")


def judged(mission, **parts):
    flown = {"transfer": transfer(), "lunar_orbit": lunar_orbit(), "landing": LANDED} | parts
    planned = flown.pop("planned", None)
    log = flight_log(mission, **flown, planned=planned)
    return {m.id.removeprefix("success-"): m for m in assess(mission.milestones, log)}


def test_a_landed_flight_reaches_all_ten():
    assert [m.status for m in delivery().milestones] == [Status.ACHIEVED] * 10
    assert delivery().missed == ()


def test_a_crash_is_partial_and_what_follows_is_not_reached():
    found = {m.id: m.status for m in crashed().milestones}
    assert found["success-8"] is Status.ACHIEVED
    assert found["success-9"] is Status.PARTIAL
    assert found["success-10"] is Status.NOT_ACHIEVED
    assert [m.id for m in crashed().missed] == ["success-9", "success-10"]


def test_a_landing_too_fast_is_partial():
    found = judged(load(M2), landing=replace(LANDED, vertical_speed_m_s=2.1))
    assert found["9"].status is Status.PARTIAL
    assert [piece.met for piece in found["9"].evidence] == [True, False]
    assert found["9"].evidence[1].need.startswith("touchdown with vertical speed at most 2 m/s")
    # The surface was seen, but steady state after landing can not be had without the landing.
    assert found["10"].status is Status.PARTIAL


def test_a_night_landing_is_not_a_steady_state():
    assert (
        judged(load(M2), landing=replace(LANDED, sun_elevation_rad=-0.1))["10"].status is Status.NOT_ACHIEVED
    )


def test_no_transfer_reaches_only_readiness():
    nothing = replace(transfer(), injection=None, flyby=None, insertion=None, manoeuvres=())
    empty = replace(lunar_orbit(), orbits=(), circular_epoch=None)
    found = judged(load(M2), transfer=nothing, lunar_orbit=empty, landing=LandingResult("not_flown"))
    assert [m.status for m in found.values()] == [Status.ACHIEVED] + [Status.NOT_ACHIEVED] * 9


def test_public_dates_never_take_part():
    mission = load(M2)
    log = flight_log(mission, transfer(), lunar_orbit(), LANDED)
    moved = [replace(m, public=Published(T0, T0, "another")) for m in mission.milestones]
    for with_date, without in zip(assess(mission.milestones, log), assess(moved, log), strict=True):
        assert (with_date.status, with_date.achieved_epoch) == (without.status, without.achieved_epoch)


def test_all_planned_manoeuvres_must_have_been_flown():
    assert judged(load(M2), planned={"deep_space": 2})["6"].status is Status.ACHIEVED
    assert judged(load(M2), planned={"deep_space": 3})["6"].status is Status.NOT_ACHIEVED


def test_steady_flight_is_reached_when_the_coast_was_long_enough():
    reached = judged(load(M2))["3"].achieved_epoch
    assert reached - transfer().injection.epoch == 3600.0


def test_milestones_are_a_graph_not_a_chain():
    # Mission 1 made its first manoeuvre (4) before steady flight (3) was declared.
    found = judged(load(M2))
    assert found["6"].achieved_epoch < found["5"].achieved_epoch
    assert found["4"].after == ("success-2",)


def entry(event, seconds, **values):
    return Entry(event, event, T0 + seconds, T0 + seconds, values=values)


def test_a_count_needs_that_many():
    log = FlightLog((entry("flyby", 1.0), entry("flyby", 9.0)))
    two = Milestone("a", "two flybys", (Need("flyby", count=2),))
    assert assess([two], log)[0].achieved_epoch == T0 + 9.0
    three = replace(two, needs=(Need("flyby", count=3),))
    assert assess([three], log)[0].status is Status.NOT_ACHIEVED


def test_a_figure_that_is_not_there_satisfies_no_limit():
    log = FlightLog((entry("touchdown", 1.0),))
    for need in (Need("touchdown", at_most={"tilt_rad": 1.0}), Need("touchdown", at_least={"tilt_rad": 0.0})):
        assert assess([Milestone("a", "a", (need,))], log)[0].status is Status.NOT_ACHIEVED


def test_nothing_planned_is_done_when_the_flight_goes_on():
    need = Need("manoeuvre", phase="deep_space", count=None, until="orbit")
    result = assess([Milestone("a", "a", (need,))], FlightLog((entry("orbit", 5.0),)))[0]
    assert result.achieved_epoch == T0 + 5.0


def test_a_circle_is_refused():
    ring = [Milestone("a", "a", (), ("b",)), Milestone("b", "b", (), ("a",))]
    with pytest.raises(ValueError, match="in a circle: a, b"):
        in_order(ring)


@given(st.permutations(range(7)), st.data())
def test_order_in_the_file_changes_nothing(order, data):
    after = {n: data.draw(st.sets(st.integers(0, n - 1))) if n else set() for n in range(7)}
    log = FlightLog(tuple(entry("flyby", float(n), altitude_m=float(n)) for n in range(0, 7, 2)))
    nodes = [
        Milestone(
            str(n), str(n), (Need("flyby", at_least={"altitude_m": n}),), tuple(str(k) for k in after[n])
        )
        for n in range(7)
    ]
    plain = {m.id: m for m in assess(nodes, log)}
    assert {m.id: m for m in assess([nodes[n] for n in order], log)} == plain
    for m in plain.values():
        if m.status is Status.ACHIEVED:
            assert all(plain[name].status is Status.ACHIEVED for name in m.after)
