"""Reading space packets by their XTCE description alone: what a ground system does, in a page.

Read are the parts of XTCE 1.2 that `perilune.exchange.xtce` writes: parameters of fixed size one after the
other, and containers that extend another where parameters compare equal.
"""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perilune.errors import InputError
from perilune.exchange.xtce import NAMESPACE

_PRIMARY_OCTETS: Final = 6
_SIZES: Final = {32: ">f", 64: ">d"}


@dataclass(frozen=True, slots=True)
class _Coding:
    """How a parameter's bits become its value."""

    bits: int
    real: bool
    scale: float | None
    words: dict[int, str]


@dataclass(slots=True)
class _Container:
    entries: list[str]
    base: str | None
    criteria: list[tuple[str, int]]
    extended: list[str] = field(default_factory=list)


class Database:
    """The packets an XTCE text describes.

    >>> from perilune.exchange.space_packet import Field, PacketKind
    >>> from perilune.exchange.xtce import xtce
    >>> nav = PacketKind("nav", 7, "", (Field("h_m", "float32"),))
    >>> Database(xtce([nav], name="lander", version="1", date="2026-01-01")).parameters["nav_h_m"]
    32
    """

    def __init__(self, text: str) -> None:
        try:
            root = ET.fromstring(text)
        except ET.ParseError as fault:
            raise InputError(f"The XTCE text can not be read: {fault}.") from None
        if root.tag != f"{{{NAMESPACE}}}SpaceSystem":
            raise InputError(f"The text is no XTCE 1.2 database: its root is {root.tag}.")
        types = {one.attrib["name"]: _coding(one) for one in root.iterfind(".//{*}ParameterTypeSet/*")}
        self._codings = {
            one.attrib["name"]: types[one.attrib["parameterTypeRef"]]
            for one in root.iterfind(".//{*}ParameterSet/{*}Parameter")
        }
        self._containers = {
            one.attrib["name"]: _container(one) for one in root.iterfind(".//{*}SequenceContainer")
        }
        for name, container in self._containers.items():
            if container.base is not None:
                self._containers[container.base].extended.append(name)
        self._roots = [name for name, one in self._containers.items() if one.base is None]

    @property
    def parameters(self) -> dict[str, int]:
        """The size of each parameter in bits."""
        return {name: coding.bits for name, coding in self._codings.items()}

    def packet(self, octets: bytes) -> tuple[str, dict[str, Any]]:
        """Return the name of the container a packet fits and its values; raises `InputError` if none does."""
        bits, place, values = int.from_bytes(octets, "big"), 0, {}
        raw: dict[str, int] = {}
        name, total = self._roots[0], 8 * len(octets)
        while True:
            for entry in self._containers[name].entries:
                coding = self._codings[entry]
                place += coding.bits
                if place > total:
                    raise InputError(f"A packet of {len(octets)} octets is too short for {name}.")
                raw[entry] = bits >> (total - place) & ((1 << coding.bits) - 1)
                values[entry] = _value(raw[entry], coding)
            further = [
                one
                for one in self._containers[name].extended
                if all(raw.get(key) == value for key, value in self._containers[one].criteria)
            ]
            if not further:
                break
            name = further[0]
        if place != total:
            raise InputError(f"A packet of {len(octets)} octets holds {total - place} bits more than {name}.")
        return name, values

    def read(self, data: bytes) -> dict[str, dict[str, NDArray[Any]]]:
        """Return the values (n,) of all packets of a stream by container and parameter, in their order."""
        found: dict[str, dict[str, list[Any]]] = {}
        for octets in split(data):
            name, values = self.packet(octets)
            columns = found.setdefault(name, {key: [] for key in values})
            for key, value in values.items():
                columns[key].append(value)
        return {
            name: {key: np.array(column) for key, column in columns.items()}
            for name, columns in found.items()
        }


def split(data: bytes) -> Iterator[bytes]:
    """Yield the packets of a stream by the lengths in their headers; raises `InputError` at a torn end."""
    place = 0
    while place < len(data):
        head = data[place : place + _PRIMARY_OCTETS]
        if len(head) < _PRIMARY_OCTETS:
            raise InputError(f"The stream ends inside a header, after {len(data)} octets.")
        size = _PRIMARY_OCTETS + int.from_bytes(head[4:6], "big") + 1
        if place + size > len(data):
            raise InputError(f"The stream ends inside a packet that begins at octet {place}.")
        yield data[place : place + size]
        place += size


def _value(raw: int, coding: _Coding) -> Any:
    if coding.real:
        return struct.unpack(_SIZES[coding.bits], raw.to_bytes(coding.bits // 8, "big"))[0]
    if coding.words:
        return coding.words.get(raw, str(raw))
    return raw if coding.scale is None else raw * coding.scale


def _coding(one: ET.Element) -> _Coding:
    integer, real = one.find(".//{*}IntegerDataEncoding"), one.find(".//{*}FloatDataEncoding")
    found = integer if integer is not None else real
    if found is None:
        raise InputError(f"{one.attrib['name']}: only integers and floating-point numbers are read here.")
    scaled = one.find("{*}Encoding")
    words = {int(word.attrib["value"]): word.attrib["label"] for word in one.iterfind(".//{*}Enumeration")}
    scale = None if scaled is None else float(scaled.attrib.get("scale", "1"))
    return _Coding(int(found.attrib["sizeInBits"]), real is not None, scale, words)


def _container(one: ET.Element) -> _Container:
    base = one.find("{*}BaseContainer")
    criteria = [
        (where.attrib["parameterRef"], int(where.attrib["value"]))
        for where in one.iterfind("{*}BaseContainer/{*}RestrictionCriteria//{*}Comparison")
    ]
    entries = [entry.attrib["parameterRef"] for entry in one.iterfind("{*}EntryList/{*}ParameterRefEntry")]
    return _Container(entries, None if base is None else base.attrib["containerRef"], criteria)
