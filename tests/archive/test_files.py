from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.archive.files import FileStore
from perilune.errors import InputError, StoreError


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@given(content=st.binary(max_size=200))
def test_what_is_kept_is_read(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    files = FileStore(tmp_path_factory.mktemp("f"))
    digest = files.keep(content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert files.read(digest) == content
    assert files.check(digest) == len(content)


def test_a_content_lies_under_its_digest_and_is_not_to_be_written(files: FileStore) -> None:
    digest = files.keep(b"abc")
    assert digest.startswith("ba7816bf")
    path = files.folder / "ba" / digest[2:]
    assert path.read_bytes() == b"abc"
    assert path.stat().st_mode & 0o777 == 0o444
    assert digest in files
    assert "0" * 64 not in files
    assert list(files.digests()) == [digest]


def test_the_same_content_is_kept_once_by_many_at_a_time(files: FileStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(files.keep, [b"same"] * 40))
    assert list(files.digests()) == sorted(digests)
    assert [path.name for path in files.folder.iterdir()] == [digests.pop()[:2]]


def test_a_large_file_is_kept_in_pieces(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(bytes(3_000_001))
    digest = files.keep_file(tmp_path / "rows.parquet")
    assert files.check(digest) == 3_000_001


def test_a_damaged_content_is_not_given_out(files: FileStore) -> None:
    digest = files.keep(b"abc")
    files.path(digest).chmod(0o644)
    files.path(digest).write_bytes(b"abd")
    for attempt in (files.read, files.check):
        with pytest.raises(
            StoreError, match=r"is damaged: its content has the SHA-256 [0-9a-f]{64}\. Restore it"
        ):
            attempt(digest)


def test_a_missing_content_is_told(files: FileStore) -> None:
    with pytest.raises(StoreError, match=r"The store has no file 0+\. Restore .* from a backup\."):
        files.read("0" * 64)
    assert list(files.digests()) == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_digest_is_refused(files: FileStore, digest: str) -> None:
    with pytest.raises(InputError, match="is not a SHA-256"):
        files.path(digest)


def test_a_file_that_cannot_be_read_is_told(files: FileStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file or directory"):
        files.keep_file(tmp_path / "missing")


def test_nothing_is_left_where_a_content_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file in the way")
    with pytest.raises(StoreError, match=r"could not be kept .* Nothing was kept\."):
        FileStore(tmp_path / "files").keep(b"abc")
