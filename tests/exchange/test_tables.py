import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.exchange.tables import csv_text

CELL = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.text('aé",; ', max_size=6))


@given(st.lists(st.fixed_dictionaries({"a": CELL, "b": CELL}), max_size=5))
def test_rows_come_back_as_written(rows):
    read = list(csv.DictReader(io.StringIO(csv_text(rows, ["a", "b"]), newline="")))
    for ours, theirs in zip(rows, read, strict=True):
        for key, value in ours.items():
            assert (float(theirs[key]) if isinstance(value, float) else theirs[key]) == value


def test_missing_values_stay_empty():
    assert csv_text([{"a": None}], ["a", "b"]) == "a,b\r\n,\r\n"


def test_a_column_nobody_named_is_our_bug():
    with pytest.raises(ValueError, match="c"):
        csv_text([{"c": 1}], ["a"])
