"""Places in the arrays that the loop hands out, shared by its kernels and by what reads them."""

from __future__ import annotations

#: Places in `start`: time of the first cycle s (from the base), believed mass kg at start, log a row every so
#: many cycles (0: no log), longest flight s, probe height m, main and attitude propellant kg as believed.
START_S, MASS_KG, LOG_EVERY, LONGEST_S, PROBE_M, MAIN_KG, RCS_KG = range(7)

#: Places in `figures`, what a flight leaves besides its log (`perilune.landing.loop.rows` makes a row of it).
(
    IGNITION, END, LATITUDE, LONGITUDE, VERTICAL, HORIZONTAL, TILT, RATE, SLOPE_RAD, TIP, LEG, PROPELLANT,
    DV, HEIGHT_ERROR, WORST, DRY_S, DRY_M, ZERO_S, ZERO_M, VALID_S, VALID_M, VALID_SPEED, ACQUIRED_S,
    ACQUIRED_M, ACQUIRED_SPEED, PROBE_SPEED, REJECTED, LONGEST_REJECTION, ISOLATED_S, REACQUIRED_S, FIXES,
    NEES_MEAN, NIS_MEAN, LATE_S, TUMBLE_S, UNIT_S, REJECTING_S, RCS_LEFT, DOWNRANGE, CROSSRANGE, ENGINE_S,
    CLEARANCE, ISOLATED_UNITS, TILT_TO_SLOPE, SETTLED, SETTLED_TILT, SLID_M, LEG_CRUSH, LEAST_CLEARANCE,
) = range(49)  # fmt: skip
FIGURES = 49

#: Places in `Flight.now`, numbers of the moment. The truth: time s, height m, climb rate m/s, radius m, mass
#: kg, ignition s (NaN before), cycles, speed that the engines gave m/s. Rows of log and of measurements kept.
#: Counters: cycles tumbled, since when altimeters are refused s, sums and counts of NIS and NEES. The flight
#: software's: acceleration that the commanded levels should give and the one felt m/s^2, propellant by its
#: own count kg, altimeter readings of this cycle.
(
    N_T, N_HEIGHT, N_CLIMB, N_RADIUS, N_MASS, N_IGNITION, N_CYCLE, N_DV, N_ROWS, N_MARKS, N_TUMBLED,
    N_REJECTING_SINCE, N_NIS_SUM, N_NIS_COUNT, N_NEES_SUM, N_NEES_COUNT, N_EXPECTED, N_SENSED, N_MAIN_KG,
    N_RCS_KG, N_READINGS, N_ROUGH_M,
) = range(22)  # fmt: skip
NOW = 22

#: Epochs of NEES, and the cycles between two of them: every 10 s.
SERIES, SERIES_CYCLES = 100, 100

#: Truth, inertial unit and strapdown step by `DT_S`, `PARTS` times in a cycle of the flight software.
DT_S, PARTS, CYCLE_S = 0.02, 5, 0.1

#: A time that has not come.
NEVER = float("nan")

#: How a flight ended: on the ground, or out of time.
TOUCHED, TIME_OUT = 0, 1
