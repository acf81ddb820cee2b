"""Places in the arrays that the loop hands out, shared by its kernels and by what reads them."""

from __future__ import annotations

#: Places in `start`: time of the first cycle s (from the base), believed mass kg at start, log a row every so
#: many cycles (0: no log), longest flight s, probe height m, main and attitude propellant kg as believed.
START_S, MASS_KG, LOG_EVERY, LONGEST_S, PROBE_M, MAIN_KG, RCS_KG = range(7)
START_SIZE = 7

#: Places in `figures`, what a flight leaves besides its log (`perilune.landing.loop.rows` makes a row of it).
(
    IGNITION, END, LATITUDE, LONGITUDE, VERTICAL, HORIZONTAL, TILT, RATE, SLOPE_RAD, TIP, LEG, PROPELLANT,
    DV, HEIGHT_ERROR, WORST, DRY_S, DRY_M, ZERO_S, ZERO_M, VALID_S, VALID_M, VALID_SPEED, ACQUIRED_S,
    ACQUIRED_M, ACQUIRED_SPEED, PROBE_SPEED, REJECTED, LONGEST_REJECTION, ISOLATED_S, REACQUIRED_S, FIXES,
    NEES_MEAN, NIS_MEAN, LATE_S, TUMBLE_S, UNIT_S, REJECTING_S, RCS_LEFT, DOWNRANGE, CROSSRANGE, SHORT_S,
    CLEARANCE, ISOLATED_UNITS, TILT_TO_SLOPE,
) = range(44)  # fmt: skip
FIGURES = 44

#: Epochs of NEES, and the cycles between two of them: every 10 s.
SERIES, SERIES_CYCLES = 100, 100

#: How a flight ended: on the ground, or out of time.
TOUCHED, TIME_OUT = 0, 1
