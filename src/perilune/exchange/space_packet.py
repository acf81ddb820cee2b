"""CCSDS space packets (133.0-B-2) with a time in the secondary header (301.0-B-4, unsegmented, level 1).

A packet is the six octets of the primary header, a time of eight (its preamble, four octets of TAI seconds
since 1958, three of their fraction: 60 ns), and fields of fixed size, most significant octet first. What
stands where is data (`PacketKind`); `perilune.exchange.xtce` writes the same down for other tools.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from perilune.epoch import Epoch
from perilune.errors import InputError

#: Field kinds and how their octets are read; signed and unsigned integers, IEEE 754 numbers.
KINDS: Final[Mapping[str, str]] = {
    "uint8": ">u1",
    "uint16": ">u2",
    "uint32": ">u4",
    "float32": ">f4",
    "float64": ">f8",
}
#: The preamble: no extension, epoch of 1958 (TAI), four octets of seconds, three of fraction.
P_FIELD: Final = 0b0_001_11_11
FRACTION_BITS: Final = 24
TAI_EPOCH: Final = np.datetime64("1958-01-01T00:00:00", "ns")
_SECONDARY_HEADER: Final = 1 << 11
_UNSEGMENTED: Final = 0b11 << 14
_SEQUENCE_COUNTS: Final = 1 << 14
_HIGHEST_APID: Final = 2046  # 2047 is the idle packet's


@dataclass(frozen=True, slots=True)
class Field:
    """A value in a packet: its name (letters, digits, underscores), kind and unit.

    `names` are the words of an enumeration's codes from 0 on.
    """

    name: str
    kind: str
    unit: str = ""
    what: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PacketKind:
    """What the packets of one application process hold."""

    name: str
    apid: int
    what: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.apid <= _HIGHEST_APID:
            raise InputError(f"packet {self.name}: APID {self.apid} is not from 0 to {_HIGHEST_APID}.")
        unknown = [field.kind for field in self.fields if field.kind not in KINDS]
        if unknown:
            raise InputError(
                f"packet {self.name}: no field is of kind {unknown[0]!r}; there are {', '.join(KINDS)}."
            )

    @property
    def layout(self) -> np.dtype[np.void]:
        """The octets of a whole packet; the time is two numbers, of which the second is 24 bits long."""
        head = [
            ("packet", ">u2"),
            ("sequence", ">u2"),
            ("length", ">u2"),
            ("preamble", "u1"),
            ("seconds", ">u4"),
        ]
        fraction = [("fraction_high", "u1"), ("fraction_low", ">u2")]
        return np.dtype(head + fraction + [(f"field:{f.name}", KINDS[f.kind]) for f in self.fields])


class Packets(NamedTuple):
    """Packets of one kind: when each was made, in s after a base, and its octets."""

    time_s: npt.NDArray[np.float64]
    octets: npt.NDArray[np.void]


def packets(
    kind: PacketKind, base: Epoch, time_s: npt.ArrayLike, values: Mapping[str, npt.ArrayLike]
) -> Packets:
    """Return one packet for each time (n,) in s after `base`, from the fields' values (n,) by name.

    A value that its field can not hold (an enumeration's code out of range) raises `InputError`; numbers are
    rounded to the field's own precision.
    """
    times = np.asarray(time_s, dtype=np.float64)
    made = np.zeros(len(times), dtype=kind.layout)
    made["packet"] = _SECONDARY_HEADER | kind.apid
    made["sequence"] = _UNSEGMENTED | (np.arange(len(times)) % _SEQUENCE_COUNTS)
    made["length"] = kind.layout.itemsize - 6 - 1
    made["preamble"] = P_FIELD
    made["seconds"], fraction = tai(base, times)
    made["fraction_high"], made["fraction_low"] = fraction >> 16, fraction & 0xFFFF
    for field in kind.fields:
        made[f"field:{field.name}"] = _checked(kind, field, np.asarray(values[field.name], dtype=np.float64))
    return Packets(times, made)


def _checked(kind: PacketKind, field: Field, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if field.kind.startswith("uint"):
        largest = len(field.names) - 1 if field.names else np.iinfo(KINDS[field.kind]).max
        # A code that is not known yet is not a number in the log: it is sent as 0.
        whole = np.where(np.isfinite(values), values, 0.0)
        low, high = float(whole.min(initial=0.0)), float(whole.max(initial=0.0))
        if low < 0.0 or high > largest:
            raise InputError(
                f"packet {kind.name}: {field.name} holds 0 to {largest}, given {low:g} to {high:g}."
            )
        return whole
    return values


def tai(base: Epoch, time_s: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return TAI seconds since 1958 and their fraction in units of 2**-24 s, rounded.

    >>> seconds, fraction = tai(Epoch.tai("1958-01-01T00:00:10.5"), np.array([0.25]))
    >>> int(seconds[0]), int(fraction[0]) / 2**24
    (10, 0.75)
    """
    start_ns = int((np.datetime64(base.iso("TAI", 9), "ns") - TAI_EPOCH).astype(np.int64))
    whole_s, rest_ns = divmod(start_ns, 10**9)
    ticks = np.rint((time_s + rest_ns * 1e-9) * 2.0**FRACTION_BITS).astype(np.int64)
    return whole_s + (ticks >> FRACTION_BITS), ticks & ((1 << FRACTION_BITS) - 1)


def stream(parts: Sequence[Packets]) -> bytes:
    """Return all packets in the order of their times; of one moment, in the order given."""
    times = np.concatenate([part.time_s for part in parts])
    which = np.concatenate([np.full(len(part.time_s), k) for k, part in enumerate(parts)])
    place = np.concatenate([np.arange(len(part.time_s)) for part in parts])
    order = np.lexsort((which, times))
    chopped = [part.octets.tobytes() for part in parts]
    sizes = [part.octets.dtype.itemsize for part in parts]
    return b"".join(
        chopped[k][i * sizes[k] : (i + 1) * sizes[k]]
        for k, i in zip(which[order].tolist(), place[order].tolist(), strict=True)
    )
