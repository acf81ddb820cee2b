"""Finding a camera's place from its pixels and a map of heights, or saying that it can not be found.

The map is drawn as the camera would see it from where the flight software believes to be. Both pictures are
reduced to the sizes that the map knows (a band of blurs); then the whole image is sought in the drawing by
normalised cross-correlation (FFT), and patches of it near the place found, to a fraction of a pixel. Places
of all good patches on the map and the directions in which they are seen give the position by least squares.
Each stage can say no: too dark, no clear peak, too few patches, patches that do not agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.ndimage import gaussian_filter

from perilune.landing.ground.table import Ground
from perilune.landing.terrain_image.camera import Camera, Pose, seen
from perilune.maths.arrays import FloatArray


class FixStatus(StrEnum):
    """What came of looking for a place."""

    FIXED = "fixed"
    TOO_DARK = "too_dark"
    NO_CLEAR_PEAK = "no_clear_peak"
    TOO_FEW_MATCHES = "too_few_matches"
    NO_AGREEMENT = "no_agreement"


@dataclass(frozen=True, slots=True)
class Matching:
    """Settings of the matcher, sizes in pixels.

    The gates are assumed, from what was measured over Atlas with a map of 237 m and pixels of 95 m: the whole
    image correlates by 0.86 to 0.93 with the right map, by 0.15 to 0.43 with wrong maps, wrong places and
    light from 90 degrees off.
    """

    search_count: int = 48  # to each side: how wrong the believed place may be
    fine_blur_ratio: float = 2.0  # pixels; below, the map knows nothing
    coarse_blur_ratio: float = 8.0  # pixels; above, slopes of the light and of the ground fool
    edge_count: int = 8  # pixels that the blurs spoil
    whole_correlation_low: float = 0.5
    whole_peak_ratio_low: float = 1.25  # of the highest peak to the next one
    patch_count: int = 64
    patches_a_side_count: int = 5
    patch_search_count: int = 12
    patch_correlation_low: float = 0.55
    matches_low_count: int = 8
    agreeing_share: float = 0.6  # of the patches that were matched
    agreement_ratio: float = 3.0  # times the median misfit
    misfit_ratio_high: float = 2.0  # pixels, of the patches that agree
    misfit_ratio_low: float = 0.2  # pixels; unseen ground moves all patches alike, unseen by scatter
    darkness_share: float = 0.02  # of the detector's range: an image below holds noise alone


@dataclass(frozen=True, slots=True, eq=False)
class Fix:
    """A position from one image, mean-Earth, m; NaN without one.

    `patches` float64[n, 5] holds each patch tried: column and row of its middle in the image, shift to its
    place in the drawing (2, pixels), correlation. `whole` is the correlation of the whole image and its ratio
    to the next best place; `misfit_ratio` how far (pixels, rms) the patches that agree are off.
    """

    status: FixStatus
    position_m: FloatArray
    covariance_m2: FloatArray
    matches_count: int
    misfit_ratio: float
    whole: tuple[float, float]
    patches: FloatArray

    @property
    def is_fixed(self) -> bool:
        """Whether there is a position."""
        return self.status is FixStatus.FIXED


def locate(
    image: npt.NDArray[np.uint16],
    camera: Camera,
    believed: Pose,
    on_map: Ground,
    sun_me: FloatArray,
    *,
    attitude_sigma_rad: float = 0.0,
    matching: Matching | None = None,
) -> Fix:
    """Return where a camera was when it took an image (n, n): from its pixels, a map, what is believed.

    `believed` gives the attitude as known and the position as feared to be wrong by up to `search_count`
    pixels; `sun_me` is the Sun's direction. The covariance holds the scatter of the patches, counted
    as many as would fit beside each other, and the attitude's uncertainty (`attitude_sigma_rad`, each axis).
    """
    how = matching or Matching()
    if float(image.mean()) < how.darkness_share * (2**camera.bits_count - 1):
        return _no_fix(FixStatus.TOO_DARK)
    drawn, ranges = seen(on_map, camera, believed, sun_me, margin_count=how.search_count, soil=False)
    sharp, sharp_map = _band(np.asarray(image, dtype=np.float64), how), _band(drawn, how)
    found = correlation(sharp, sharp_map)
    column, row, peak = best_shift(found)
    whole = (peak, peak / max(_next_peak(found), 1e-9))
    if peak < how.whole_correlation_low or whole[1] < how.whole_peak_ratio_low:
        return _no_fix(FixStatus.NO_CLEAR_PEAK, whole=whole)
    patches = _matched(sharp, sharp_map, (round(column), round(row)), how)
    good = patches[patches[:, 4] >= how.patch_correlation_low]
    if len(good) < how.matches_low_count:
        return _no_fix(FixStatus.TOO_FEW_MATCHES, len(good), whole, patches)
    seen_at = _on_the_map(good, camera, believed, ranges, how)
    fix = _agreed(*seen_at, camera, attitude_sigma_rad, how)
    return replace(fix, whole=whole, patches=patches)


def _no_fix(
    status: FixStatus,
    matches: int = 0,
    whole: tuple[float, float] = (math.nan, math.nan),
    patches: FloatArray | None = None,
) -> Fix:
    tried = np.empty((0, 5)) if patches is None else patches
    return Fix(status, np.full(3, math.nan), np.full((3, 3), math.nan), matches, math.nan, whole, tried)


def _band(values: FloatArray, how: Matching) -> FloatArray:
    """Return what of a picture lies between two blurs, its spoiled edge cut off."""
    fine = gaussian_filter(values, how.fine_blur_ratio)
    coarse = gaussian_filter(values, how.coarse_blur_ratio)
    edge = how.edge_count
    result: FloatArray = (fine - coarse)[edge:-edge, edge:-edge]
    return result


def _matched(image: FloatArray, drawn: FloatArray, near: tuple[int, int], how: Matching) -> FloatArray:
    """Return the row (5,) of each patch of a regular grid, sought near the whole image's place."""
    size, reach = how.patch_count, how.patch_search_count
    firsts = np.linspace(0, image.shape[0] - size, how.patches_a_side_count).round().astype(int)
    rows = []
    for top in firsts:
        for left in firsts:
            patch = image[top : top + size, left : left + size]
            row, column = max(0, top + near[1] - reach), max(0, left + near[0] - reach)
            window = drawn[row : top + near[1] + size + reach, column : left + near[0] + size + reach]
            shift_x, shift_y, peak = best_shift(correlation(patch, window))
            half = (size - 1) / 2 + how.edge_count
            rows.append(
                (
                    left + half,
                    top + half,
                    column + shift_x - left - how.search_count,
                    row + shift_y - top - how.search_count,
                    peak,
                )
            )
    return np.array(rows)


def correlation(patch: FloatArray, window: FloatArray) -> FloatArray:
    """Return the normalised cross-correlation of a patch (p, p) at all its places in a window (w, w).

    -1 to 1, (w - p + 1) a side; 0 where the window or the patch is uniform.
    """
    count = patch.size
    pattern = patch - patch.mean()
    shape = [fft.next_fast_len(size, real=True) for size in window.shape]
    spectrum = fft.rfft2(window, shape)
    valid = tuple(slice(0, w - p + 1) for w, p in zip(window.shape, patch.shape, strict=True))
    product = fft.irfft2(spectrum * np.conj(fft.rfft2(pattern, shape)), shape)[valid]
    sums, squares = _box(window, patch.shape), _box(window * window, patch.shape)
    energy = np.maximum(squares - sums * sums / count, 0.0) * float((pattern * pattern).sum())
    sure = energy > 1e-12 * max(float(energy.max()), 1e-300)
    result: FloatArray = np.where(sure, product / np.sqrt(np.where(sure, energy, 1.0)), 0.0)
    return result


def _box(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Return sums over all boxes of a shape, by summed areas."""
    total = np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    p, q = shape
    result: FloatArray = total[p:, q:] - total[:-p, q:] - total[p:, :-q] + total[:-p, :-q]
    return result


def best_shift(found: FloatArray) -> tuple[float, float, float]:
    """Return column and row of the highest correlation (to a fraction) and its height.

    At the edge the height is 0: the true peak may lie beyond.
    """
    row, column = _highest(found)
    peak = float(found[row, column])
    if not (0 < row < found.shape[0] - 1 and 0 < column < found.shape[1] - 1):
        return float(column), float(row), 0.0
    return (
        column + _top(found[row, column - 1], peak, found[row, column + 1]),
        row + _top(found[row - 1, column], peak, found[row + 1, column]),
        peak,
    )


def _highest(found: FloatArray) -> tuple[int, int]:
    row, column = np.unravel_index(int(found.argmax()), found.shape)
    return int(row), int(column)


def _next_peak(found: FloatArray) -> float:
    """Return the highest correlation further than 10 pixels from the highest: beyond that peak's own foot."""
    row, column = _highest(found)
    rows, columns = np.ogrid[: found.shape[0], : found.shape[1]]
    return float(found[(rows - row) ** 2 + (columns - column) ** 2 > 100].max(initial=0.0))


def _top(before: float, at: float, after: float) -> float:
    """Return where a parabola through three values has its top, from the middle one."""
    bend = before - 2.0 * at + after
    return 0.0 if bend >= 0.0 else float(0.5 * (before - after) / bend)


def _on_the_map(
    patches: FloatArray, camera: Camera, believed: Pose, ranges: FloatArray, how: Matching
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each patch's place on the map (n, 3; m), the direction it is seen in (n, 3), its range (n,)."""
    middle = 0.5 * (camera.pixel_count - 1)
    bearings = _directions(patches[:, 0] - middle, patches[:, 1] - middle, camera, believed)
    columns, rows = patches[:, 0] + patches[:, 2], patches[:, 1] + patches[:, 3]
    away = _between(ranges, rows + how.search_count, columns + how.search_count)
    points = believed.position_m + away[:, None] * _directions(
        columns - middle, rows - middle, camera, believed
    )
    return points, bearings, away


def _directions(right: FloatArray, down: FloatArray, camera: Camera, pose: Pose) -> FloatArray:
    local = np.column_stack([right, down, np.full(len(right), camera.focal_ratio)])
    turned = local @ pose.me_from_camera.T
    result: FloatArray = turned / np.linalg.norm(turned, axis=1)[:, None]
    return result


def _between(values: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Return values between pixels, bilinear."""
    i = np.clip(rows.astype(int), 0, values.shape[0] - 2)
    j = np.clip(columns.astype(int), 0, values.shape[1] - 2)
    fr, fc = rows - i, columns - j
    upper = values[i, j] * (1 - fc) + values[i, j + 1] * fc
    lower = values[i + 1, j] * (1 - fc) + values[i + 1, j + 1] * fc
    result: FloatArray = upper * (1 - fr) + lower * fr
    return result


def _agreed(
    points: FloatArray,
    bearings: FloatArray,
    away: FloatArray,
    camera: Camera,
    attitude_sigma_rad: float,
    how: Matching,
) -> Fix:
    """Return the position that most patches agree on, those far off left out."""
    sure = away > 0.0
    points, bearings, away = points[sure], bearings[sure], away[sure]
    kept = np.ones(len(points), dtype=bool)
    for _ in range(10):
        if int(kept.sum()) < how.matches_low_count:
            return _no_fix(FixStatus.NO_AGREEMENT, int(kept.sum()))
        position, information = _least_squares(points[kept], bearings[kept], away[kept])
        misfits = _misfits(position, points, bearings) * camera.focal_ratio
        median = float(np.median(misfits[kept]))
        again = misfits <= max(how.agreement_ratio * median, 0.5)
        if np.array_equal(again, kept):
            break
        kept = again
    misfit = float(np.sqrt((misfits[kept] ** 2).mean()))
    matches = int(kept.sum())
    if (
        matches < max(how.matches_low_count, how.agreeing_share * len(points))
        or misfit > how.misfit_ratio_high
    ):
        return _no_fix(FixStatus.NO_AGREEMENT, matches)
    scatter = max(_scatter(misfit, matches), how.misfit_ratio_low) / camera.focal_ratio
    shared = max(1.0, matches * (how.patch_count / (camera.pixel_count - 2 * how.edge_count)) ** 2)
    covariance: FloatArray = np.asarray(np.linalg.inv(information) * scatter**2 * shared, dtype=np.float64)
    covariance = covariance + _turned_by(attitude_sigma_rad, position, points[kept], information, away[kept])
    return Fix(FixStatus.FIXED, position, covariance, matches, misfit, (0.0, 0.0), np.empty((0, 5)))


def _scatter(misfit: float, matches: int) -> float:
    """Return the sigma of one coordinate from an rms misfit of both: two numbers a patch, three unknowns."""
    return misfit * math.sqrt(matches / (matches - 1.5)) / math.sqrt(2.0)


def _least_squares(
    points: FloatArray, bearings: FloatArray, away: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return where points are seen in given directions from, and the information for 1 rad of error."""
    across = (np.eye(3) - bearings[:, :, None] * bearings[:, None, :]) / (away**2)[:, None, None]
    information: FloatArray = across.sum(axis=0)
    position: FloatArray = np.linalg.solve(information, np.einsum("nij,nj->i", across, points))
    return position, information


def _misfits(position: FloatArray, points: FloatArray, bearings: FloatArray) -> FloatArray:
    """Return the angle (rad) between where each point is seen and where it would be from a position."""
    towards = points - position
    towards = towards / np.linalg.norm(towards, axis=1)[:, None]
    result: FloatArray = np.linalg.norm(np.cross(towards, bearings), axis=1)
    return result


def _turned_by(
    sigma_rad: float, position: FloatArray, points: FloatArray, information: FloatArray, away: FloatArray
) -> FloatArray:
    """Return the covariance (m^2) that an attitude wrong by `sigma_rad` about each axis gives the position.

    A turn moves each point across its bearing by its range times the angle: through the same least squares.
    """
    towards = points - position
    skew = np.zeros((len(points), 3, 3))
    for k, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
        skew[:, i, j], skew[:, j, i] = -towards[:, k], towards[:, k]
    gain = np.linalg.solve(information, (skew / (away**2)[:, None, None]).sum(axis=0))
    result: FloatArray = gain @ gain.T * sigma_rad**2
    return result
