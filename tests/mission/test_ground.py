"""The ground of a mission: what its file lays over the embedded map."""

import math
from pathlib import Path

import numpy as np
import pytest

from perilune.errors import DataError, InputError
from perilune.landing.ground._kernels import elevation
from perilune.landing.surroundings import direction
from perilune.mission.ground import mission_ground, onboard_map
from perilune.mission.load import load, loads
from perilune.world.terrain import Terrain

ROOT = Path(__file__).resolve().parents[2]
MISSIONS = ROOT / "missions"
M1 = MISSIONS / "m1-as-flown.toml"
TILE = ROOT.parent / "shared" / "data" / "m2_frigoris_gld100_64ppd_57-64N_12W-3E.npz"


def at(ground, latitude_deg, longitude_deg):
    place = direction(math.radians(latitude_deg), math.radians(longitude_deg))
    return elevation(*place, ground._replace(rough=np.zeros_like(ground.rough)))


def test_mission_1s_rim_and_target_stand_at_their_heights():
    ground = mission_ground(load(M1))
    assert at(ground, 45.34, 44.40) == pytest.approx(26.0, abs=10.0)
    assert at(ground, 45.73, 44.40) == pytest.approx(-3248.0, abs=30.0)
    assert at(ground, 47.5, 44.4) == pytest.approx(-3139.0, abs=1.0)


def test_the_coarse_map_on_board_knows_neither():
    on_board = onboard_map(load(M1))
    expected = Terrain.embedded().elevation_m(math.radians(45.34), math.radians(44.40))
    assert at(on_board, 45.34, 44.40) == pytest.approx(expected, abs=0.1)
    assert on_board.rough[1] == 0.0


def test_a_map_of_the_terrain_knows_the_rim_but_no_roughness():
    text = M1.read_text(encoding="utf-8").replace("[navigation]", '[navigation]\nmap = "terrain"')
    on_board = onboard_map(loads(text))
    assert at(on_board, 45.34, 44.40) == pytest.approx(26.0, abs=10.0)
    assert on_board.rough[1] == 0.0


def test_missions_of_one_ground_share_its_arrays():
    assert mission_ground(load(M1)).heights_m is mission_ground(load(M1)).heights_m


def test_a_folder_of_tiles_counts_from_the_mission_file(tmp_path):
    (tmp_path / "m.toml").write_text(
        (MISSIONS / "m2.toml").read_text(encoding="utf-8") + '\n[terrain]\ntiles = "tiles"\n',
        encoding="utf-8",
    )
    (tmp_path / "tiles").mkdir()
    with pytest.raises(InputError, match="holds no elevation tile"):
        load(tmp_path / "m.toml")
    (tmp_path / "tiles" / "a.npz").write_bytes(b"no tile")
    mission = load(tmp_path / "m.toml")
    assert mission.terrain.tiles == str(tmp_path / "tiles")
    with pytest.raises(DataError, match=r"The elevation tile a\.npz can not be read"):
        mission_ground(mission)


@pytest.mark.skipif(not TILE.is_file(), reason="the real tile is not beside this checkout")
def test_mission_2s_real_tile_is_laid_over_the_map(tmp_path):
    (tmp_path / TILE.name).symlink_to(TILE)
    text = (MISSIONS / "m2.toml").read_text(encoding="utf-8")
    mission = loads(f'{text}\n[terrain]\ntiles = "{tmp_path}"\n', "m2.toml")
    ground = mission_ground(mission)
    assert len(ground.tiles) > 1
    # GLD100 at the site (DATA: -2446 m), the coarse map -2440 m within its relief of 282 m.
    assert at(ground, 60.5, -4.6) == pytest.approx(-2446.0, abs=15.0)
