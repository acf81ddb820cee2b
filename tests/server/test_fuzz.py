"""Every route under generated input, by the document it serves: no server error, no undocumented answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS
from served import Served, serving

NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving("sqlite", tmp_path_factory.mktemp("fuzz")) as made:
        yield made


def every_route(served: Served, examples: int) -> int:
    """Try each route with so many generated requests; return how many there were."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", served.app)
    checks = [check for name in NAMES for check in CHECKS.get_by_names([name])]
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def tried(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            response = case.call(headers=served.key())
            case.validate_response(response, checks=checks)

        tried()
    return asked


def test_every_route_a_little(served: Served) -> None:
    assert every_route(served, 3) > 300


@pytest.mark.slow
def test_every_route_much(served: Served) -> None:
    assert every_route(served, 200) > 10_000
