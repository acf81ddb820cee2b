"""Small parts of the guidance: calm height, tilt by height, thrust that is learnt, ground that is shifted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from descents import M2, m2_plan

from perilune.landing import _kernels_braking as braking
from perilune.landing import _kernels_command as command
from perilune.landing.guidance import MEMORY_SIZE, aim_table
from perilune.landing.surroundings import site_position


def test_noise_of_the_height_is_taken_out_and_a_jump_is_not() -> None:
    memory, estimate = np.zeros(MEMORY_SIZE), np.zeros(11)
    generator = np.random.default_rng(2)
    errors = []
    for n in range(600):
        estimate[8], true_m = 0.1 * n, 2000.0 - 3.0 * n
        estimate[7] = true_m + generator.normal()
        errors.append(command.calm_height(memory, estimate, -30.0) - true_m)
        memory[35] = estimate[8]
    assert np.std(errors[50:]) < 0.35
    assert abs(np.mean(errors[50:])) < 0.1
    estimate[7] += 900.0
    assert command.calm_height(memory, estimate, -30.0) == estimate[7]


def test_the_tilt_shrinks_with_height_but_for_sideways_speed() -> None:
    plan = m2_plan()
    assert plan.gate is not None
    aim = aim_table(site_position(plan.site, plan.world), plan.gate, plan.settings, 0.0)
    usual = [math.degrees(command.largest_tilt(h, 0.0, aim)) for h in (0.0, 10.0, 20.0, 100.0, 2000.0)]
    assert usual == pytest.approx([4.0, 9.2, 14.5, 24.6, 80.2], abs=0.2)
    assert math.degrees(command.largest_tilt(10.0, 8.0, aim)) > 40.0


@pytest.mark.parametrize("phase", [1.0, 2.0, 3.0])
def test_thrust_is_learnt_in_every_phase_from_what_stands_still(phase: float) -> None:
    memory, estimate = np.zeros(MEMORY_SIZE), np.zeros(11)
    memory[0], memory[22], estimate[6] = phase, 1.0, 400.0
    for n in range(200):
        memory[23] = 1000.0
        estimate[9] = 0.75 * 1000.0 / 400.0
        command.measure_thrust(memory, estimate)
        assert n > 0 or memory[22] == 1.0
    assert memory[22] == pytest.approx(0.75, abs=1e-3)
    memory[23], estimate[9] = 400.0, 2.0
    command.measure_thrust(memory, estimate)
    assert memory[22] == pytest.approx(0.75, abs=1e-3)


def test_a_ground_that_lies_higher_lifts_the_aim() -> None:
    plan = m2_plan()
    assert plan.gate is not None
    site = site_position(plan.site, plan.world)
    aim = aim_table(site, plan.gate, plan.settings, 0.0)
    estimate, memory, place = np.zeros(11), np.zeros(MEMORY_SIZE), np.empty(3)
    estimate[10] = 250.0
    braking.place_aimed(memory, estimate, aim, place)
    assert np.linalg.norm(place) - np.linalg.norm(site) == pytest.approx(250.0, abs=1e-6)
    assert braking.ground_shift(estimate[:10]) == 0.0


def test_a_thrust_out_of_limits_keeps_height_before_place() -> None:
    plan = m2_plan()
    assert plan.gate is not None
    aim = aim_table(site_position(plan.site, plan.world), plan.gate, plan.settings, 0.0)
    estimate, out = np.zeros(11), np.zeros(5)
    estimate[0] = 1.738e6
    strongest = M2.propulsion.thrust_n / 430.0
    size = command.limited(np.array([3.0, 5.0, 0.0]), strongest, estimate, aim, 1.4, out)
    assert size == pytest.approx(strongest, rel=1e-12)
    assert size * out[0] == pytest.approx(3.0, rel=1e-12)
