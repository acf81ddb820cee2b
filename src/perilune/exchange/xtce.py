"""The description of telemetry that ground systems load: XTCE 1.2 (OMG formal/18-10-04, CCSDS 660.1-B).

One container holds the primary header and the time; each packet kind extends it where its APID stands in
the header. Each parameter is described with unit, size and encoding: a reader needs nothing else.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import Final

from perilune.exchange.space_packet import FRACTION_BITS, Field, PacketKind

NAMESPACE: Final = "http://www.omg.org/spec/XTCE/20180204"
SCHEMA: Final = "http://www.omg.org/spec/XTCE/20180204 https://www.omg.org/spec/XTCE/20180204/SpaceSystem.xsd"
HEADER: Final = "CcsdsHeader"
#: The header's parameters in order: name, bits, what it is.
_HEADER_FIELDS: Final = (
    ("Version", 3, "packet version number, 0"),
    ("Type", 1, "0 telemetry"),
    ("SecondaryHeader", 1, "1: a time follows the primary header"),
    ("Apid", 11, "application process identifier"),
    ("SequenceFlags", 2, "3: the packet stands alone"),
    ("SequenceCount", 14, "packets of this application process, modulo 16384"),
    ("Length", 16, "octets after the primary header, less one"),
    ("TimePreamble", 8, "P-field of the time code: TAI since 1958, 4 octets of seconds and 3 of fraction"),
)
_TIME_BITS: Final = 56


def xtce(kinds: Sequence[PacketKind], *, name: str, version: str, date: str, what: str = "") -> str:
    """Return the database of packets as text; `date` is an ISO 8601 day."""
    ET.register_namespace("xtce", NAMESPACE)
    ET.register_namespace("xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root = _element(None, "SpaceSystem", name=name, shortDescription=what or None)
    root.set("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", SCHEMA)
    _element(root, "Header", date=date, version=version, validationStatus="Working")
    telemetry = _element(root, "TelemetryMetaData")
    types = _element(telemetry, "ParameterTypeSet")
    _header_types(types)
    parameters = _element(telemetry, "ParameterSet")
    for field, _, words in _HEADER_FIELDS:
        _element(parameters, "Parameter", name=field, parameterTypeRef=f"{field}Type", shortDescription=words)
    _element(
        parameters,
        "Parameter",
        name="Time",
        parameterTypeRef="TimeType",
        shortDescription="when the packet was made",
    )
    containers = _element(telemetry, "ContainerSet")
    _header_container(containers)
    for kind in kinds:
        for field_ in kind.fields:
            _type(types, kind, field_)
            _element(
                parameters,
                "Parameter",
                name=qualified(kind, field_),
                parameterTypeRef=f"{qualified(kind, field_)}Type",
                shortDescription=field_.what or None,
            )
        _container(containers, kind)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def qualified(kind: PacketKind, field: Field) -> str:
    """Return a field's name in the database: unique over all packets.

    >>> qualified(PacketKind("nav", 1, "", ()), Field("height_m", "float32"))
    'nav_height_m'
    """
    return f"{kind.name}_{field.name}"


def _element(parent: ET.Element | None, tag: str, **attributes: str | None) -> ET.Element:
    given = {key: value for key, value in attributes.items() if value is not None}
    full = f"{{{NAMESPACE}}}{tag}"
    return ET.Element(full, given) if parent is None else ET.SubElement(parent, full, given)


def _header_types(types: ET.Element) -> None:
    for name, bits, _ in _HEADER_FIELDS:
        _integer(types, f"{name}Type", bits)
    time = _element(types, "AbsoluteTimeParameterType", name="TimeType")
    encoding = _element(time, "Encoding", units="seconds", scale=repr(2.0**-FRACTION_BITS))
    _element(encoding, "IntegerDataEncoding", sizeInBits=str(_TIME_BITS), encoding="unsigned")
    reference = _element(time, "ReferenceTime")
    _element(reference, "Epoch").text = "TAI"


def _integer(types: ET.Element, name: str, bits: int, unit: str = "") -> None:
    kind = _element(types, "IntegerParameterType", name=name, signed="false", sizeInBits=str(_room(bits)))
    _units(kind, unit)
    _element(kind, "IntegerDataEncoding", sizeInBits=str(bits), encoding="unsigned")


def _room(bits: int) -> int:
    """Return the size of the number a reader keeps the bits in.

    >>> _room(11), _room(32)
    (32, 32)
    """
    return 32 if bits <= 32 else 64


def _units(parent: ET.Element, unit: str) -> None:
    units = _element(parent, "UnitSet")
    if unit:
        _element(units, "Unit").text = unit


def _type(types: ET.Element, kind: PacketKind, field: Field) -> None:
    name = f"{qualified(kind, field)}Type"
    bits = int(field.kind.lstrip("uintfloa"))
    if field.names:
        enumerated = _element(types, "EnumeratedParameterType", name=name)
        _units(enumerated, field.unit)
        _element(enumerated, "IntegerDataEncoding", sizeInBits=str(bits), encoding="unsigned")
        words = _element(enumerated, "EnumerationList")
        for code, word in enumerate(field.names):
            _element(words, "Enumeration", value=str(code), label=word)
    elif field.kind.startswith("uint"):
        _integer(types, name, bits, field.unit)
    else:
        number = _element(types, "FloatParameterType", name=name, sizeInBits=str(bits))
        _units(number, field.unit)
        _element(number, "FloatDataEncoding", sizeInBits=str(bits), encoding="IEEE754_1985")


def _header_container(containers: ET.Element) -> None:
    header = _element(containers, "SequenceContainer", name=HEADER, abstract="true")
    entries = _element(header, "EntryList")
    for name in _header_names():
        _element(entries, "ParameterRefEntry", parameterRef=name)


def _header_names() -> Iterator[str]:
    yield from (name for name, _, _ in _HEADER_FIELDS)
    yield "Time"


def _container(containers: ET.Element, kind: PacketKind) -> None:
    container = _element(containers, "SequenceContainer", name=kind.name, shortDescription=kind.what or None)
    entries = _element(container, "EntryList")
    for field in kind.fields:
        _element(entries, "ParameterRefEntry", parameterRef=qualified(kind, field))
    base = _element(container, "BaseContainer", containerRef=HEADER)
    where = _element(base, "RestrictionCriteria")
    _element(where, "Comparison", parameterRef="Apid", value=str(kind.apid), useCalibratedValue="false")
