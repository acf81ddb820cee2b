"""One landing in closed loop: truth, sensors, faults, filter, guidance and control; single run or campaign.

Truth and filter integrate in the mean-Earth axes frozen at the planned ignition ("I"); the Moon turns under
them by a rotation vector that is a cubic in time. The flight software sees measurements only.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel
from perilune.constants import GM_MOON_M3_S2, MOON_RADIUS_M
from perilune.landing._kernels import MOON_SPIN_RAD_S
from perilune.landing._kernels_braking import place_aimed
from perilune.landing._kernels_guidance import APPROACH, BRAKING, guide
from perilune.landing.craft._kernels import advance
from perilune.landing.craft._kernels_body import mass_properties, point_state, resting_properties
from perilune.landing.craft._kernels_contact import lowest_pad, touchdown
from perilune.landing.craft.table import FLOW_KG_S, IMU_X, TANK, THRUST_N
from perilune.landing.faults._kernels import effects_of
from perilune.landing.ground._kernels import elevation_from
from perilune.landing.loop import layout as at
from perilune.landing.loop._kernels_axes import backwards, forwards, turned_at
from perilune.landing.loop._kernels_record import (
    CYCLE_S,
    add_turned,
    fill_scene,
    finish,
    keep_measurement,
    keep_row,
    local_anomaly,
    pull,
    turn_back,
    up_in_body,
)  # fmt: skip
from perilune.landing.sensing._kernels import measure, sample_imu
from perilune.landing.sensing.layout import (
    BEAM,
    BIAS,
    BIAS_Y,
    EFFECT_COLUMNS,
    HAZARD_CAMERA,
    IMU,
    KIND,
    LASER,
    MOUNT,
    NOTHING,
    OFF,
    OUT_COLUMNS,
    RADAR,
    S_HEIGHT,
    S_IGNITION,
    S_PLACE,
    S_POSITION,
    S_VELOCITY,
    SCALE,
    SCENE_COLUMNS,
    STAR_TRACKER,
    TERRAIN_CAMERA,
    VALID,
    VELOCIMETER,
)  # fmt: skip
from perilune.landing.software._kernels_aiding import camera_update, star_update, velocimeter_update
from perilune.landing.software._kernels_control import control
from perilune.landing.software._kernels_divert import ACCEPTED, divert_on
from perilune.landing.software._kernels_filter import (
    nees,
    predict,
    strapdown,
    turn_attitude,
)  # fmt: skip
from perilune.landing.software._kernels_imu import MODEL, SPARE, imu_check
from perilune.landing.software._kernels_policy import altimetry
from perilune.landing.software._kernels_range import (
    INNOVATION_SIGMA,
    LEVER,
    PREDICTED,
    RESIDUAL,
    height_estimate,
)
from perilune.landing.software.table import (
    INERTIAL_MEMORY,
)  # fmt: skip
from perilune.landing.software.table import (
    ISOLATED_S as P_ISOLATED_S,
)  # fmt: skip
from perilune.landing.software.table import (
    ISOLATIONS as P_ISOLATIONS,
)
from perilune.landing.software.table import (
    REACQUIRED_S as P_REACQUIRED_S,
)

DT_S = 0.02  # s, truth, inertial unit and strapdown
PARTS = 5  # steps in a cycle of the flight software


_FAR_M = 15e3  # m; errors of height count below this
_NEAR_M = 20.0  # m; below this the pads are looked at each step
_TUMBLED = 0.5  # cosine; thrust this far from where it should point is a lost attitude
_TUMBLED_CYCLES = 20
_LONG_REJECTION_S = 3.0
_REACTION_S = 1.0  # s, from a command to full thrust across: attitude and engines


@kernel
def fly(
    turn, local, ground, onboard, craft, believed, sensors, sensor_memory, errors, streams, faults, software,
    lander, aim, sun, memory, control_memory, fdir, events, y, nav, P, start, figures, series, log, marks,
):  # fmt: skip
    """Fly from `start` to the ground; return (status, log rows, measurement rows).

    In and out: guidance memory, truth y, estimate nav and covariance P end as they are at touchdown.
    """
    figures[:] = np.nan
    series[:] = np.nan
    n_sensors, n_engines = sensors.shape[0], craft.engines.shape[0]
    effects = np.zeros((n_sensors + n_engines + 3, EFFECT_COLUMNS))
    started = np.full(faults.shape[0], np.nan)
    scene, reading = np.zeros(SCENE_COLUMNS), np.zeros(OUT_COLUMNS)
    readings, verdicts = np.zeros((n_sensors, OUT_COLUMNS)), np.zeros(n_sensors)
    levels, valves, health = np.zeros((n_engines, 3)), np.zeros((n_engines, 3)), np.zeros((n_engines, 3))
    health[:, 0] = 1.0
    craft_work = np.zeros(24 + 24 * craft.tanks.shape[0])
    work, mass, believed_mass = np.zeros((16, 19)), np.zeros(10), np.zeros(10)
    turned, halfway = np.zeros(9), np.zeros(9)
    unit_memory, prime_sums, missed = np.zeros(INERTIAL_MEMORY), np.zeros(6), np.zeros(6)
    expected = 0.0
    estimate, command, wanted = np.zeros(11), np.zeros(5), np.zeros(6)
    sensed, sample = np.zeros(6), np.zeros(6)
    sums, spare_sums, force, rate = np.zeros(6), np.zeros(6), np.zeros(3), np.zeros(3)
    acceleration, g, anomaly, spot = np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(6)
    beams, spot9 = np.zeros((4, 3)), np.zeros(9)
    prime, spare = -1, -1
    for i in range(n_sensors):
        if sensors[i, KIND] == IMU:
            if prime < 0:
                prime = i
            elif spare < 0:
                spare = i
    t = start[at.START_S]
    main_kg, rcs_kg, dry_kg = (
        start[at.MAIN_KG],
        start[at.RCS_KG],
        start[at.MASS_KG] - start[at.MAIN_KG] - start[at.RCS_KG],
    )
    cycle, rows, marked, tumbled = 0, 0, 0, 0
    dv, nis_sum, nis_count, nees_sum, nees_count = 0.0, 0.0, 0, 0.0, 0
    figures[at.REJECTED], figures[at.FIXES], figures[at.LONGEST_REJECTION], figures[at.WORST] = (
        0.0,
        0.0,
        0.0,
        0.0,
    )
    rejecting_since = np.nan
    height, climb = 1e9, 0.0
    ignition = np.nan
    status = at.TIME_OUT
    while t < start[at.LONGEST_S]:
        # -- the world as it is -------------------------------------------------------------------------
        turned_at(t, turn, turned)
        point_state(y, craft, 0.0, 0.0, 0.0, spot)
        fill_scene(t, y, spot, turned, sun, memory, ignition, scene)
        px, py, pz = scene[S_POSITION], scene[S_POSITION + 1], scene[S_POSITION + 2]
        radius = math.sqrt(px * px + py * py + pz * pz)
        # Details below a thousandth of the height are for later: craters cost most of a landing's ground.
        finest_m = 1e-3 * max(height, 0.0)
        height = radius - MOON_RADIUS_M
        height -= elevation_from(px / radius, py / radius, pz / radius, finest_m, ground)[0]
        scene[S_HEIGHT] = height
        vx, vy, vz = scene[S_VELOCITY], scene[S_VELOCITY + 1], scene[S_VELOCITY + 2]
        climb = (vx * px + vy * py + vz * pz) / radius
        if faults.shape[0] > 0:
            effects_of(faults, started, scene[S_IGNITION], height, memory[0], effects)
            for i in range(n_engines):
                row = n_sensors + i
                health[i, 0] = 0.0 if effects[row, OFF] != 0.0 else 1.0 + effects[row, SCALE]
                health[i, 1], health[i, 2] = effects[row, BIAS], effects[row, BIAS_Y]
        # -- what the filter makes of the last cycle ---------------------------------------------------
        if cycle > 0:
            for k in range(3):
                force[k], rate[k] = sums[k] / CYCLE_S, sums[3 + k] / CYCLE_S
            predict(P, nav, force, rate, CYCLE_S, software.noise, work)
        sensed_m_s2 = math.sqrt(force[0] ** 2 + force[1] ** 2 + force[2] ** 2)
        if math.isnan(ignition) and memory[0] >= BRAKING:
            ignition = t
        # -- measurements ------------------------------------------------------------------------------
        n_readings = 0
        for i in range(n_sensors):
            kind = int(sensors[i, KIND])
            if kind == IMU:
                continue
            got = measure(i, sensors, errors, sensor_memory, effects, streams, scene, ground, reading)
            if got == NOTHING:
                continue
            if kind in (LASER, RADAR):
                for k in range(OUT_COLUMNS):
                    readings[n_readings, k] = reading[k]
                readings[n_readings, 14], readings[n_readings, 15] = i, got
                turn_back(readings[n_readings], 3, rate, reading[2])
                for k in range(3):
                    readings[n_readings, LEVER + k] = sensors[i, MOUNT + k] - believed.body[IMU_X + k]
                n_readings += 1
                continue
            verdict, nis = 6, np.nan
            if got == VALID and kind == STAR_TRACKER:
                nis = star_update(nav, P, reading, rate, software.considered, software.noise, work)
                verdict = 2 if math.isnan(nis) else 1
            elif got == VALID and kind == VELOCIMETER:
                for b in range(4):
                    for k in range(3):
                        beams[b, k] = sensors[i, BEAM + 3 * b + k]
                    turn_back(beams[b], 0, rate, reading[6])
                nis, taken = velocimeter_update(
                    nav, P, reading, beams, turned, MOON_SPIN_RAD_S, acceleration, software.gates[0],
                    software.considered, software.noise, work,
                )  # fmt: skip
                verdict = 1 if taken > 0 else 2
            elif got == VALID and kind == TERRAIN_CAMERA:
                nis, taken = camera_update(
                    nav, P, reading, turned, MOON_SPIN_RAD_S, software.gates[1], software.considered,
                    software.noise, work,
                )  # fmt: skip
                verdict = 1 if taken >= 2 else 2
                if taken >= 2:
                    figures[at.FIXES] += 1.0
            elif got == VALID and kind == HAZARD_CAMERA:
                # A place a metre away is the one aimed at; one out of reach is refused.
                verdict = 1
                if reading[0] * reading[0] + reading[1] * reading[1] > 1.0:
                    answer = divert_on(memory, estimate, lander, aim, reading[0], reading[1])
                    verdict = 1 if answer == ACCEPTED else 2
            if verdict == 1 and not math.isnan(nis):
                nis_sum += nis
                nis_count += 1
            if marks.shape[0] > marked:
                keep_measurement(
                    marks,
                    marked,
                    t,
                    i,
                    got,
                    verdict,
                    reading[0],
                    np.nan,
                    np.nan,
                    np.nan,
                    np.nan,
                    np.nan,
                    height,
                    nis,
                )
                marked += 1
        altimetry(
            nav, P, readings, n_readings, fdir, software.policy, software, onboard, turned, t, verdicts,
            events, work,
        )  # fmt: skip
        if n_readings > 0:
            valid, accepted, refused = False, False, False
            for n in range(n_readings):
                valid |= readings[n, 15] == VALID
                accepted |= verdicts[n] == 1 or verdicts[n] == 4
                refused |= verdicts[n] == 2 or verdicts[n] == 3
                if verdicts[n] == 2 or verdicts[n] == 3:
                    figures[at.REJECTED] += 1.0
                if marks.shape[0] > marked:
                    keep_measurement(
                        marks, marked, t, int(readings[n, 14]), readings[n, 15], verdicts[n], readings[n, 0],
                        readings[n, PREDICTED], readings[n, RESIDUAL], readings[n, INNOVATION_SIGMA],
                        readings[n, 6], readings[n, 2], height,
                        (readings[n, RESIDUAL] / readings[n, INNOVATION_SIGMA]) ** 2,
                    )  # fmt: skip
                    marked += 1
                if verdicts[n] == 1 and readings[n, INNOVATION_SIGMA] > 0.0:
                    nis_sum += (readings[n, RESIDUAL] / readings[n, INNOVATION_SIGMA]) ** 2
                    nis_count += 1
            speed = -climb
            if valid and math.isnan(figures[at.VALID_S]):
                figures[at.VALID_S], figures[at.VALID_M], figures[at.VALID_SPEED] = t, height, speed
            if accepted and math.isnan(figures[at.ACQUIRED_S]):
                figures[at.ACQUIRED_S], figures[at.ACQUIRED_M], figures[at.ACQUIRED_SPEED] = t, height, speed
            if accepted:
                rejecting_since = np.nan
            elif refused:
                if math.isnan(rejecting_since):
                    rejecting_since = t
                figures[at.LONGEST_REJECTION] = max(figures[at.LONGEST_REJECTION], t - rejecting_since)
                if t - rejecting_since > _LONG_REJECTION_S and math.isnan(figures[at.REJECTING_S]):
                    figures[at.REJECTING_S] = rejecting_since
        # -- the estimate that guidance sees -----------------------------------------------------------
        forwards(turned, nav, 0, estimate, 0)
        forwards(turned, nav, 3, estimate, 3)
        estimate[6] = dry_kg + main_kg + rcs_kg
        up_in_body(nav, spot)
        over_pads = (
            believed.body[IMU_X] * spot[0]
            + believed.body[IMU_X + 1] * spot[1]
            + believed.body[IMU_X + 2] * spot[2]
        )
        estimate[7] = height_estimate(nav, fdir, software, onboard, turned) - over_pads
        estimate[8] = t
        estimate[9] = sensed_m_s2
        estimate[10] = 0.0
        height_error = estimate[7] - height
        if not math.isnan(figures[at.ACQUIRED_S]) and height < _FAR_M:
            figures[at.WORST] = max(figures[at.WORST], abs(height_error))
        if estimate[7] < 2.0 and height > 20.0 and math.isnan(figures[at.ZERO_S]):
            figures[at.ZERO_S], figures[at.ZERO_M] = t, height
        if height < start[at.PROBE_M] and math.isnan(figures[at.PROBE_SPEED]):
            figures[at.PROBE_SPEED] = -climb
        if cycle % at.SERIES_CYCLES == 0 and cycle // at.SERIES_CYCLES < at.SERIES:
            point_state(
                y, craft, believed.body[IMU_X], believed.body[IMU_X + 1], believed.body[IMU_X + 2], spot
            )
            series[cycle // at.SERIES_CYCLES] = nees(nav, P, spot[0:3], spot[3:6], y[6:10], work)
            nees_sum += series[cycle // at.SERIES_CYCLES]
            nees_count += 1
        # -- guidance and control ----------------------------------------------------------------------
        if effects[n_sensors + n_engines + 2, OFF] == 0.0:
            guide(memory, estimate, lander, aim, command)
            if memory[0] >= APPROACH:
                # The ground that the hazard camera judges is where this aim really leads to.
                place_aimed(memory, estimate, aim, spot)
                for k in range(3):
                    scene[S_PLACE + k] = scene[S_POSITION + k] + spot[k] - estimate[k]
            backwards(turned, command, 0, wanted, 0)
            backwards(turned, memory, 15, wanted, 3)
            for k in range(3):
                wanted[3 + k] = -wanted[3 + k]
            resting_properties(main_kg, rcs_kg, believed, believed_mass)
            control(
                control_memory, nav[6:10], rate, wanted, command[3], command[4], believed, believed_mass,
                levels,
            )  # fmt: skip
            expected = 0.0
            for i in range(n_engines):
                if believed.engines[i, TANK] == 0.0:
                    expected += levels[i, 0] * believed.engines[i, THRUST_N] / estimate[6]
        else:
            # A computer that starts again holds no valve open, and knows that none was.
            levels[:] = 0.0
            expected = 0.0
        # -- has the attitude gone, is it too late to stop? --------------------------------------------
        mass_properties(y, craft, mass)
        w, qx, qy, qz = y[6], y[7], y[8], y[9]
        cosine = (
            wanted[0] * 2 * (qx * qz + w * qy) + wanted[1] * 2 * (qy * qz - w * qx)
            + wanted[2] * (1 - 2 * (qx * qx + qy * qy))
        )  # fmt: skip
        tumbled = tumbled + 1 if cosine < _TUMBLED and not math.isnan(ignition) else 0
        if tumbled > _TUMBLED_CYCLES and math.isnan(figures[at.TUMBLE_S]):
            figures[at.TUMBLE_S] = t
        if math.isnan(figures[at.LATE_S]) and not math.isnan(ignition) and climb < 0.0 and height < _FAR_M:
            net = (lander[0] + lander[3]) / mass[0] - GM_MOON_M3_S2 / (radius * radius)
            if net <= 0.0 or climb * climb / (2.0 * net) - climb * _REACTION_S > height + 20.0:
                figures[at.LATE_S] = t
        # -- log ----------------------------------------------------------------------------------------
        if start[at.LOG_EVERY] > 0.0 and cycle % int(start[at.LOG_EVERY]) == 0 and rows < log.shape[0]:
            keep_row(
                log, rows, t, y, nav, P, estimate, memory, command, mass[0],
                series[min(cycle // at.SERIES_CYCLES, at.SERIES - 1)], scene, aim, radius,
            )  # fmt: skip
            rows += 1
        # -- five steps of truth, inertial unit and strapdown ------------------------------------------
        for k in range(6):
            sums[k], prime_sums[k], spare_sums[k] = 0.0, 0.0, 0.0
        turned_at(t + 0.5 * CYCLE_S, turn, halfway)
        local_anomaly(y, halfway, local, spot, anomaly)
        touched = False
        for part in range(PARTS):
            pull(
                y[0] + 0.5 * DT_S * y[3],
                y[1] + 0.5 * DT_S * y[4],
                y[2] + 0.5 * DT_S * y[5],
                anomaly,
                local.layout,
                g,
            )
            advance(y, craft, levels, valves, part, health, g, DT_S, sensed, craft_work)
            dv += math.sqrt(sensed[0] ** 2 + sensed[1] ** 2 + sensed[2] ** 2) * DT_S
            sample_imu(prime, sensors, errors, sensor_memory, effects, streams, sensed, DT_S, sample)
            for k in range(6):
                prime_sums[k] += sample[k]
            if spare >= 0:
                sample_imu(spare, sensors, errors, sensor_memory, effects, streams, sensed, DT_S, spot)
                for k in range(6):
                    spare_sums[k] += spot[k]
                if unit_memory[0] == SPARE:
                    for k in range(6):
                        sample[k] = spot[k]
            if unit_memory[0] == MODEL:
                sample[0], sample[1], sample[2] = 0.0, 0.0, expected * DT_S
            for k in range(6):
                sums[k] += sample[k]
            pull(
                nav[0] + 0.5 * DT_S * nav[3],
                nav[1] + 0.5 * DT_S * nav[4],
                nav[2] + 0.5 * DT_S * nav[5],
                anomaly,
                local.layout,
                g,
            )
            strapdown(nav, sample[0:3], sample[3:6], g, DT_S)
            t += DT_S
            if height < _NEAR_M:
                turned_at(t, turn, halfway)
                clearance = lowest_pad(y, craft, ground, halfway)
                if clearance <= 0.0:
                    touched = True
                    break
        if math.isnan(figures[at.DRY_S]) and y[13] <= 0.0:
            figures[at.DRY_S], figures[at.DRY_M] = t, height
        # -- what the flight software thinks it burnt --------------------------------------------------
        for i in range(n_engines):
            burnt = levels[i, 0] * believed.engines[i, FLOW_KG_S] * CYCLE_S
            if believed.engines[i, TANK] == 0.0:
                main_kg = max(main_kg - burnt, 0.0)
            else:
                rcs_kg = max(rcs_kg - burnt, 0.0)
        unit_before = unit_memory[0]
        imu_check(
            unit_memory, prime_sums[0:3], prime_sums[3:6], spare_sums[0:3], spare_sums[3:6], spare >= 0,
            expected, CYCLE_S, software.inertial, missed,
        )  # fmt: skip
        if unit_memory[0] != unit_before:
            if math.isnan(figures[at.UNIT_S]):
                figures[at.UNIT_S] = t
            add_turned(nav, missed, 1.0, nav[3:6])
            turn_attitude(nav, missed[3], missed[4], missed[5])
        for k in range(3):
            acceleration[k] = g[k]
        add_turned(nav, sums, CYCLE_S, acceleration)
        cycle += 1
        if touched:
            status = at.TOUCHED
            break
    # -- the end ----------------------------------------------------------------------------------------
    turned_at(t, turn, turned)
    touchdown(y, craft, ground, turned, spot9)
    point_state(y, craft, 0.0, 0.0, 0.0, spot)
    fill_scene(t, y, spot, turned, sun, memory, ignition, scene)
    finish(t, ignition, scene, spot9, aim, memory, y, dv, figures)
    figures[at.HEIGHT_ERROR] = estimate[7] - height
    figures[at.NEES_MEAN] = nees_sum / max(nees_count, 1)
    figures[at.NIS_MEAN] = nis_sum / nis_count if nis_count > 0 else np.nan
    figures[at.REACQUIRED_S], figures[at.ISOLATED_S] = events[P_REACQUIRED_S], events[P_ISOLATED_S]
    figures[at.ISOLATED_UNITS] = events[P_ISOLATIONS]
    return status, rows, marked
