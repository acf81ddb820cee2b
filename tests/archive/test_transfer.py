"""What goes out comes in again, on any store; what was changed on the way does not."""

from __future__ import annotations

import filecmp
import hashlib
import json
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stores import KINDS, entries, made, party, place, put

from perilune.archive import bundle
from perilune.archive.audit import note
from perilune.archive.backup import back_up
from perilune.archive.entry import Head
from perilune.archive.store import Store, open_store
from perilune.archive.transfer import Transferred, export_store, import_store
from perilune.archive.verify import verify
from perilune.commerce import registry
from perilune.commerce.event import Draft, Moment
from perilune.errors import InputError, StoreError

BOOKS = "chains/house/books.jsonl"


def filled(store: Store) -> None:
    company = store.company("house")
    company.execute_all(
        [party(number, request=f"r-{number}", reason="月 — “quoted”\n") for number in range(30)]
    )
    note(
        store.log,
        "house",
        [(Draft("audit.read", {"view": "x"}), Moment("2026-01-01T00:00:00.000000Z", "k"))] * 4,
    )
    store.add_tenant("guest")
    store.add_tenant("empty")
    put(store, entries(Head(), 3, "guest"), "guest")
    store.files.keep(b"delivery")
    store.files.keep(b"")


def contents(store: Store) -> Any:
    chains = [(place, [*store.log.read(*place[:2])]) for place in store.log.chains()]
    return store.tenants, chains, [(digest, store.files.read(digest)) for digest in store.files.digests()]


@pytest.mark.parametrize("other", KINDS)
@pytest.mark.parametrize("name", ["out", "out.tar", "out.tar.gz"])
def test_everything_comes_in_as_it_went_out(store: Store, other: str, name: str, tmp_path: Path) -> None:
    filled(store)
    went = export_store(store, tmp_path / name)
    assert (went.tenants, went.chains, went.entries, went.files) == (3, 3, 37, 2)
    (tmp_path / "b").mkdir()
    with made(place(other, tmp_path / "b"), tmp_path / "b", "empty") as target:
        assert import_store(target, tmp_path / name) == Transferred(target.where, 3, 3, 37, 2)
        assert contents(target) == contents(store)
        assert target.company("house").books() == store.company("house").books()
        export_store(target, tmp_path / "again")
    if name == "out":
        assert same(tmp_path / "out", tmp_path / "again")


def same(one: Path, other: Path) -> bool:
    names = [[str(path.relative_to(root)) for path in sorted(root.rglob("*"))] for root in (one, other)]
    files = [name for name in names[0] if (one / name).is_file()]
    return names[0] == names[1] and filecmp.cmpfiles(one, other, files, shallow=False)[1:] == ([], [])


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    with made(str(tmp_path / "source" / "s"), tmp_path) as source:
        filled(source)
        export_store(source, tmp_path / "out")
    return tmp_path / "out"


def lines_changed(folder: Path, change: Callable[[list[bytes]], list[bytes]], resealed: bool = True) -> None:
    """Change the lines of the books; with the manifest's digest and head as a forger would set them."""
    path = folder / BOOKS
    lines = change(path.read_bytes().splitlines(keepends=True))
    path.write_bytes(b"".join(lines))
    if resealed:
        last = json.loads(lines[-1])["hash"]
        manifest_changed(
            folder, entries=len(lines), hash=last, sha256=hashlib.sha256(b"".join(lines)).hexdigest()
        )


def manifest_changed(folder: Path, **said: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    next(
        chain for chain in manifest["chains"] if (chain["tenant"], chain["chain"]) == ("house", "books")
    ).update(said)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def resealed(lines: list[bytes], place: int, old: bytes, new: bytes) -> list[bytes]:
    """Change a body and seal all after it anew: only what the entries say can give it away."""
    head, found = bytes(32), []
    for number, text in enumerate(lines):
        body = text[len(b'{"hash":"","body":') + 64 : -2]
        body = body.replace(old, new) if number == place else body
        head = hashlib.sha256(head + body).digest()
        found.append(b'{"hash":"' + head.hex().encode() + b'","body":' + body + b"}\n")
    return found


def cut_with_its_digest(folder: Path) -> None:
    lines_changed(folder, lambda lines: lines[:-1])
    manifest_changed(folder, entries=30)


def chains_twice(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"chains": manifest["chains"] * 2}))


def replaced(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def a_file(folder: Path) -> Path:
    return next((folder / "files").glob("*/*"))


FORGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "forged": (
        lambda out: lines_changed(
            out, lambda lines: [*lines[:4], lines[4].replace(b"anna", b"emma"), *lines[5:]]
        ),
        "Entry 5 of chain 'books' of 'house' was changed",
    ),
    "reordered": (
        lambda out: lines_changed(out, lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]]),
        "Entry 5 of chain 'books' of 'house' was changed",
    ),
    "cut in the middle": (
        lambda out: lines_changed(out, lambda lines: lines[:4] + lines[5:]),
        "Entry 5 of chain 'books' of 'house' was changed",
    ),
    "cut at the end": (
        lambda out: lines_changed(out, lambda lines: lines[:-1], resealed=False),
        "chains/house/books.jsonl is not what the manifest says",
    ),
    "cut at the end, digest too": (cut_with_its_digest, "ends at entry 29, but its head is entry 30"),
    "the last line torn": (
        lambda out: lines_changed(out, lambda lines: [*lines[:-1], lines[-1][:-9]], resealed=False),
        "Line 30 of chains/house/books.jsonl is no entry",
    ),
    "no lines of entries": (
        lambda out: (out / BOOKS).write_bytes(b'{"a":1}\n'),
        "Line 1 of chains/house/books.jsonl is no entry",
    ),
    "resealed with an unknown kind": (
        lambda out: lines_changed(out, lambda lines: resealed(lines, 6, b"party.added", b"party.sold")),
        "Entry 7 .* is of the kind 'party.sold'",
    ),
    "resealed with no sense": (
        lambda out: lines_changed(out, lambda lines: resealed(lines, 6, b'"country"', b'"county"')),
        "The events of 'house' make no books",
    ),
    "resealed beyond 64 bits": (
        lambda out: lines_changed(
            out, lambda lines: resealed(lines, 6, b'"Party 6"', b"9223372036854775808")
        ),
        "Entry 7 .* holds an integer beyond 64 bits",
    ),
    "a file changed": (lambda out: a_file(out).write_bytes(b"other"), "is not what its name says"),
    "a file removed": (lambda out: a_file(out).unlink(), r"out: files/\w\w/\w+ cannot be read: No such file"),
    "a chain removed": (
        lambda out: (out / "chains" / "guest" / "books.jsonl").unlink(),
        "out: chains/guest/books.jsonl cannot be read",
    ),
    "a chain twice": (chains_twice, "The manifest names a chain twice"),
    "a path that leads out": (
        lambda out: manifest_changed(out, tenant="../../etc"),
        r"manifest.json: chains\.\d\.tenant: String should match pattern",
    ),
    "a newer format": (
        lambda out: replaced(out / "manifest.json", '"version": 1', '"version": 2'),
        r"manifest.json: version: Input should be 1",
    ),
    "no JSON": (lambda out: (out / "manifest.json").write_text("{"), "manifest.json: .*Invalid JSON"),
}


@pytest.mark.parametrize("how", FORGED)
@pytest.mark.parametrize(("kind", "packed"), [("sqlite", False), ("sqlite", True), ("postgres", False)])
def test_what_was_changed_is_refused_and_nothing_written(
    exported: Path, how: str, kind: str, packed: bool, tmp_path: Path
) -> None:
    change, told = FORGED[how]
    change(exported)
    source = exported
    if packed:
        source = tmp_path / "out.tar"
        with tarfile.open(source, "w") as tar:
            for path in exported.rglob("*"):
                tar.add(path, str(path.relative_to(exported)), recursive=False)
        told = told.replace("cannot be read: No such file", "in it").replace(" cannot be read", "")
        told = told.replace("out: ", "out.tar: .*")
    with made(place(kind, tmp_path), tmp_path) as target:
        with pytest.raises(StoreError, match=rf"{told}.*Nothing was written"):
            import_store(target, source)
        assert contents(target) == (("house",), [], [])


def test_a_named_file_must_come_with_its_event(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "FILES", {"party.added": lambda _: ("0" * 64,)})
    with made(str(tmp_path / "t"), tmp_path) as target:
        with pytest.raises(StoreError, match=r"An event names the file 0+, which is not in the export"):
            import_store(target, exported)
        assert contents(target) == (("house",), [], [])


def test_nothing_comes_into_a_chain_that_is_there(exported: Path, store: Store) -> None:
    store.company("house").execute(party(1))
    before = contents(store)
    with pytest.raises(
        StoreError, match=r"has 1 entries of 'house' in chain 'books' already\. Import into a new"
    ):
        import_store(store, exported)
    assert contents(store) == before


def test_an_import_that_fails_at_the_end_leaves_nothing(
    exported: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*_: object) -> None:
        raise StoreError("the disk is full")

    before = contents(store)
    monkeypatch.setattr(
        "perilune.archive.transfer.check_head", lambda *args: torn() if args[1] == "audit" else None
    )
    monkeypatch.setattr("perilune.archive.transfer._check", lambda *_: None)
    with pytest.raises(StoreError, match="the disk is full"):
        import_store(store, exported)
    assert contents(store) == before


def test_what_is_no_export_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.tar").write_text("no tar")
    with pytest.raises(InputError, match=r"is no export of a store: it holds no manifest\.json\."):
        import_store(store, tmp_path / "empty")
    with pytest.raises(InputError, match=r"There is no .*missing\. Give the folder or tar file"):
        import_store(store, tmp_path / "missing")
    with pytest.raises(StoreError, match=r"text\.tar cannot be read: .*Nothing was written"):
        import_store(store, tmp_path / "text.tar")


def test_a_tar_that_leads_in_circles_or_is_damaged_is_told(
    exported: Path, store: Store, tmp_path: Path
) -> None:
    circle = tarfile.TarInfo("manifest.json")
    circle.type, circle.linkname = tarfile.SYMTYPE, "manifest.json"
    with tarfile.open(tmp_path / "circle.tar", "w") as tar:
        tar.addfile(circle)
    with tarfile.open(tmp_path / "whole.tar.gz", "w:gz") as tar:
        for path in sorted(exported.rglob("*")):
            tar.add(path, str(path.relative_to(exported)), recursive=False)
    whole = (tmp_path / "whole.tar.gz").read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 3 : len(whole) // 2] = bytes(len(whole) // 2 - len(whole) // 3)
    (tmp_path / "damaged.tar.gz").write_bytes(damaged)
    for name in ("circle.tar", "damaged.tar.gz"):
        with pytest.raises(StoreError, match=r"cannot be read: .*Nothing was written"):
            import_store(store, tmp_path / name)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM entries WHERE seq = 5", "its end was cut or changed"),
        ("UPDATE entries SET body = 'text' WHERE seq = 5", "holds what is no entry"),
        ("DELETE FROM heads", "holds what is no entry"),
    ],
)
def test_what_could_not_be_imported_again_is_not_exported(tmp_path: Path, statement: str, told: str) -> None:
    with made(str(tmp_path / "s"), tmp_path) as store:
        put(store, entries(Head(), 5))
    raw = sqlite3.connect(tmp_path / "s" / "log.sqlite", isolation_level=None)
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement)
    raw.close()
    with open_store(tmp_path / "s") as changed, pytest.raises(StoreError, match=told):
        export_store(changed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_export_is_whole_or_not_there(store: Store, tmp_path: Path) -> None:
    filled(store)
    digest = store.files.keep(b"abc")
    store.files.path(digest).chmod(0o644)
    store.files.path(digest).write_bytes(b"abd")
    for name in ("out", "out.tar"):
        with pytest.raises(StoreError, match="is damaged"):
            export_store(store, tmp_path / name)
        assert not list(tmp_path.glob("out*"))
    (tmp_path / "taken").mkdir()
    with pytest.raises(StoreError, match="exists already"):
        export_store(store, tmp_path / "taken")


def test_a_line_is_json_with_the_body_byte_for_byte() -> None:
    (entry,) = entries(Head(), 1)
    line = bundle.line(entry)
    assert json.loads(line) == {"hash": entry.hash.hex(), "body": json.loads(entry.body)}
    assert entry.body in line


def test_a_backup_is_taken_while_others_write(store: Store, where: str, tmp_path: Path) -> None:
    filled(store)
    ended, written = threading.Event(), []

    def work() -> None:
        with open_store(where) as other:
            company = other.company("house")
            for number in range(1000, 2000):
                if ended.is_set():
                    return
                written.append(company.execute(party(number)).last_seq)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        while len(written) < 3:
            ended.wait(0.01)
        told = back_up(store, tmp_path / "backup")
        at_least = written[-1] if written else 0
    finally:
        ended.set()
        writer.join()
    with (
        made(str(tmp_path / "restored"), tmp_path)
        if "://" in where
        else open_store(tmp_path / "backup") as restored
    ):
        if "://" in where:
            import_store(restored, tmp_path / "backup")
        chains = verify(restored.log, restored.files)
        assert [chain.fault for chain in chains] == ["", "", ""]
        assert sum(chain.entries for chain in chains) == told.entries
        assert 33 <= chains[2].entries <= at_least + 1
        assert restored.tenants == store.tenants
        assert told.files == 2
        assert restored.company("house").execute(party(5000)).last_seq == chains[2].entries + 1
    with pytest.raises(StoreError, match="exists already"):
        back_up(store, tmp_path / "backup")


def test_a_backup_that_finds_no_room_leaves_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"Make room|cannot be written"):
        back_up(store, tmp_path / "file" / "backup")
    shutil.rmtree(tmp_path / "missing", ignore_errors=True)
