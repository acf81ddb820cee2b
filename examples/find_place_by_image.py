"""Where is the lander? A camera's picture matched with a map of heights, and when the answer must be no.

The ground is the embedded map with seeded highland roughness and craters down to 1 m; the map on board is a
survey of it with pixels of 200 m. The matcher sees the picture and the map, no truth.

python examples/find_place_by_image.py [picture.png]
"""

import math
import sys
from pathlib import Path

import numpy as np

from perilune.constants import MOON_RADIUS_M
from perilune.landing.ground.roughness import highlands
from perilune.landing.ground.survey import surveyed
from perilune.landing.ground.table import ground, with_seed
from perilune.landing.surroundings import direction
from perilune.landing.terrain_image.camera import Camera, Pose, exposed, looking_down, seen
from perilune.landing.terrain_image.matching import Matching, locate
from perilune.report.png import png
from perilune.world.terrain import Terrain
from perilune.world.tiles import Window

latitude_rad, longitude_rad = math.radians(-20.0), math.radians(30.0)
window = Window.around([latitude_rad], [longitude_rad], margin_m=14e3)
law = highlands(latitude_rad, longitude_rad)


def moon(seed):
    return with_seed(ground(Terrain.embedded(), roughness=law), seed)


def map_of(seed):
    return ground(Terrain.embedded(), tiles=[surveyed(moon(seed), window, pixel_m=200.0)])


up = direction(latitude_rad, longitude_rad)
true = looking_down(up * (MOON_RADIUS_M + 14.8e3))
east, south, _ = true.me_from_camera.T


def sun(elevation_deg, azimuth_deg):
    elevation, azimuth = math.radians(elevation_deg), math.radians(azimuth_deg)
    level = math.sin(azimuth) * east - math.cos(azimuth) * south
    return math.sin(elevation) * up + math.cos(elevation) * level


camera = Camera(pixel_count=192)
light = sun(25.0, 110.0)
image = exposed(seen(moon(5), camera, true, light)[0], camera, seed=1)
night = exposed(seen(moon(5), camera, true, sun(-3.0, 110.0))[0], camera, seed=1)
believed = Pose(true.position_m + 1200.0 * east + 900.0 * south + 300.0 * up, true.me_from_camera)
right_map = map_of(5)

cases = {
    "right map": (image, right_map, light),
    "map of another place": (image, map_of(6), light),
    "light from elsewhere": (image, right_map, sun(25.0, 230.0)),
    "night": (night, right_map, sun(-3.0, 110.0)),
}
fixes = {name: locate(shot, camera, believed, on_map, lit) for name, (shot, on_map, lit) in cases.items()}
print("believed 1200 m too far east, 900 m too far south, 300 m too high; the map's pixels are 200 m")
for name, fix in fixes.items():
    if fix.is_fixed:
        off = fix.position_m - true.position_m
        sigma = [math.sqrt(axis @ fix.covariance_m2 @ axis) for axis in (east, up)]
        print(f"{name:<22}{fix.status}: {fix.matches_count} patches, whole picture {fix.whole[0]:.2f}")
        print(f"{'':<22}off by {off @ east:.0f} m east, {-off @ south:.0f} m north, {off @ up:.0f} m up")
        print(f"{'':<22}sigma {sigma[0]:.0f} m across, {sigma[1]:.0f} m up")
    else:
        print(f"{name:<22}no fix: {fix.status} (whole picture {fix.whole[0]:.2f})")

# The picture: what the camera saw with the patches that were found, beside the map drawn as it was believed.
margin = Matching().search_count
drawn, _ = seen(right_map, camera, believed, light, margin_count=margin, soil=False)
panels = [np.pad(image / 1023.0, margin), drawn]
for column, row, right, down, match in fixes["right map"].patches:
    for panel, x, y in ((panels[0], column, row), (panels[1], column + right, row + down)):
        i, j, half = round(y) + margin, round(x) + margin, 12
        panel[i - half : i + half + 1, [j - half, j + half]] = float(match > 0.55)
        panel[[i - half, i + half], j - half : j + half + 1] = float(match > 0.55)
grey = np.clip(255.0 * np.hstack(panels) ** 0.8, 0, 255).astype(np.uint8)
if len(sys.argv) > 1:
    Path(sys.argv[1]).write_bytes(png(grey))
