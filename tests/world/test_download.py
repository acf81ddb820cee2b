"""Downloads against a real HTTP server on this machine: whole, broken off, wrong, absent."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from perilune.cli.data import command
from perilune.errors import DataError, NameNotFoundError
from perilune.world import download, embedded

CONTENT = bytes(range(256)) * 4096 * 3  # 3 MB, so that it comes in several pieces
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves `/good` with ranges, `/breaks` only half of it once, `/other` something else."""

    broken: set[str]
    asked: list[str | None]

    def do_GET(self) -> None:
        if self.path not in {"/good", "/breaks", "/other", "/whole"}:
            self.send_error(404)
            return
        given = self.headers.get("Range")
        type(self).asked.append(given)
        first = int(given.removeprefix("bytes=").rstrip("-")) if given and self.path != "/whole" else 0
        if first >= len(CONTENT):
            self.send_error(416)
            return
        body = CONTENT[first:] if self.path != "/other" else b"<html>moved</html>"
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/breaks" and self.path not in type(self).broken:
            type(self).broken.add(self.path)
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.broken, Handler.asked = set(), []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def file_at(url: str) -> download.FullFile:
    return download.FullFile("some.bsp", "some kernel", url, DIGEST, len(CONTENT))


def test_a_file_is_fetched_whole_and_only_once(server: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = download.download(
        file_at(f"{server}/good"), tmp_path, lambda had, total: seen.append((had, total))
    )
    assert path == tmp_path / "some.bsp"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    download.download(file_at(f"{server}/good"), tmp_path)
    assert Handler.asked == [None]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["some.bsp"]


@pytest.mark.parametrize("second", ["breaks", "whole"])
def test_a_broken_download_is_told_and_continued(server: str, tmp_path: Path, second: str) -> None:
    with pytest.raises(
        DataError, match=r"the connection broke after \d+ of \d+ bytes.*goes on where it stopped"
    ):
        download.download(file_at(f"{server}/breaks"), tmp_path)
    assert download.status(file_at(""), tmp_path) == "partial"
    # "whole" ignores ranges and sends everything again: what was had must not be doubled.
    assert download.download(file_at(f"{server}/{second}"), tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [None, f"bytes={len(CONTENT) // 2}-"]


def test_a_part_that_is_already_whole_is_taken(server: str, tmp_path: Path) -> None:
    (tmp_path / "some.bsp.part").write_bytes(CONTENT)
    assert download.download(file_at(f"{server}/good"), tmp_path).read_bytes() == CONTENT


def test_wrong_content_is_not_kept(server: str, tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"What .*/other sent is not some\.bsp: its SHA-256 is not .*Nothing was kept"
    ):
        download.download(file_at(f"{server}/other"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_replaced(server: str, tmp_path: Path) -> None:
    (tmp_path / "some.bsp").write_bytes(b"half a kernel")
    assert download.status(file_at(""), tmp_path) == "damaged"
    assert download.download(file_at(f"{server}/good"), tmp_path).read_bytes() == CONTENT


def test_absent_on_the_server(server: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"/nothing answers 404 Not Found\. Check the connection"):
        download.download(file_at(f"{server}/nothing"), tmp_path)


def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"could not be fetched from .*refused.*embedded data need no network"
    ):
        download.download(file_at("http://127.0.0.1:9/x"), tmp_path)


def test_unknown_file_is_named() -> None:
    with pytest.raises(NameNotFoundError, match=r"No data file 'de440.bps'\. Did you mean 'de440.bsp'\?"):
        download.full_file("de440.bps")


def test_the_command_gets_and_verifies(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(download.FULL_FILES, "good", download.FullFile("good", "t", "", DIGEST, len(CONTENT)))
    monkeypatch.setenv("PERILUNE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PERILUNE_DATA_MIRROR", server)
    done = CliRunner().invoke(command, ["get", "good", "--json"])
    assert json.loads(done.stdout) == {"good": str(tmp_path / "good")}
    listed = json.loads(CliRunner().invoke(command, ["list", "--json"]).stdout)
    assert [row["here"] for row in listed if row["name"] == "good"] == [True]
    verified = json.loads(CliRunner().invoke(command, ["verify", "--json"]).stdout)
    assert verified["good"] == "intact"
    assert verified["de440.bsp"] == "absent"
    assert all(verified[name] == "intact" for name in embedded.cards())
    (tmp_path / "good").write_bytes(b"")
    failed = CliRunner().invoke(command, ["verify"])
    assert isinstance(failed.exception, DataError)
    assert "Damaged: good." in str(failed.exception)


def test_every_full_file_has_a_safe_address_and_a_digest_where_one_is_published() -> None:
    for file in download.FULL_FILES.values():
        # Of elevation maps alone no digest is published.
        assert len(file.sha256) == 64 or (file.sha256 == "" and "Elevation" in file.title)
        assert file.url.startswith("https://")
        assert file.url.endswith(file.name)
        assert not file.beside or file.beside in download.FULL_FILES


def unproved(url: str, size_bytes: int = len(CONTENT)) -> download.FullFile:
    return download.FullFile("map.img", "some map", url, "", size_bytes)


def test_a_file_without_published_digest_is_held_to_what_came_first(server: str, tmp_path: Path) -> None:
    file = unproved(f"{server}/good")
    assert download.download(file, tmp_path).read_bytes() == CONTENT
    assert (tmp_path / "map.img.sha256").read_text() == f"{DIGEST}  map.img\n"
    assert download.status(file, tmp_path) == "intact"
    (tmp_path / "map.img").write_bytes(b"changed")
    assert download.status(file, tmp_path) == "damaged"
    assert download.download(file, tmp_path).read_bytes() == CONTENT
    (tmp_path / "map.img").unlink()
    with pytest.raises(
        DataError, match=r"is not the map\.img that came first: its SHA-256 was .* to take the new"
    ):
        download.download(unproved(f"{server}/other", 0), tmp_path)
    assert download.status(file, tmp_path) == "absent"


def test_a_file_of_the_wrong_size_is_not_kept(server: str, tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"is not map\.img: it has 18 bytes instead of \d+\. Nothing was kept"
    ):
        download.download(unproved(f"{server}/other"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_somebody_put_there_is_unproved(tmp_path: Path) -> None:
    (tmp_path / "map.img").write_bytes(CONTENT)
    assert download.status(unproved(""), tmp_path) == "unproved"


def test_an_image_brings_its_label(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = download.FullFile("good", "t", "", "", len(CONTENT), beside="whole")
    monkeypatch.setitem(download.FULL_FILES, "good", image)
    monkeypatch.setitem(download.FULL_FILES, "whole", download.FullFile("whole", "t", "", "", 0))
    monkeypatch.setenv("PERILUNE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PERILUNE_DATA_MIRROR", server)
    done = CliRunner().invoke(command, ["get", "good", "--json"])
    assert json.loads(done.stdout) == {name: str(tmp_path / name) for name in ("good", "whole")}
