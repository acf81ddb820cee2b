"""Whatever is done with a store in whatever order, it holds what was acknowledged and nothing else."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from stores import SERVER, entries, made, place

from perilune.archive.entry import Entry, Head
from perilune.archive.log import Snapshot
from perilune.archive.store import Store, open_store
from perilune.archive.transfer import export_store, import_store
from perilune.archive.verify import verify
from perilune.errors import StoreError

CHAINS = st.sampled_from([("house", "books"), ("guest", "books"), ("guest", "other")])


class Machine(RuleBasedStateMachine):
    """A store beside a dictionary of what it should hold."""

    kind = "sqlite"
    handles = Bundle("handles")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.where = place(self.kind, self.folder)
        self.first = made(self.where, self.folder)
        self.first.add_tenant("guest")
        self.model: dict[tuple[str, str], list[Entry]] = {}
        self.files: dict[str, bytes] = {}
        self.opened: list[Store] = [self.first]

    @initialize(target=handles)
    def begin(self) -> Store:
        return self.first

    @rule(target=handles)
    def open_again(self) -> Store:
        store = open_store(self.where)
        self.opened.append(store)
        return store

    @rule(store=consumes(handles))
    def close(self, store: Store) -> None:
        if store is not self.first:
            store.close()
            self.opened.remove(store)

    @rule(store=handles, place=CHAINS, count=st.integers(0, 30))
    def append(self, store: Store, place: tuple[str, str], count: int) -> None:
        held = self.model.setdefault(place, [])
        with store.log.write(*place) as writing:
            assert writing.head() == (held[-1].head if held else Head())
            new = entries(writing.head(), count, *place)
            writing.append(new[: count // 2])
            assert list(writing.read(len(held))) == new[: count // 2]
            writing.append(new[count // 2 :])
        held += new

    @rule(store=handles, place=CHAINS, count=st.integers(1, 5))
    def give_up(self, store: Store, place: tuple[str, str], count: int) -> None:
        with pytest.raises(KeyboardInterrupt), store.log.write(*place) as writing:
            writing.append(entries(writing.head(), count, *place))
            raise KeyboardInterrupt

    @rule(store=handles, place=CHAINS, skipped=st.integers(1, 3))
    def append_out_of_place(self, store: Store, place: tuple[str, str], skipped: int) -> None:
        with pytest.raises(StoreError, match="does not follow"), store.log.write(*place) as writing:
            writing.append(entries(writing.head(), skipped + 1, *place)[skipped:])

    @rule(store=handles, content=st.binary(max_size=20))
    def keep(self, store: Store, content: bytes) -> None:
        self.files[store.files.keep(content)] = content

    @rule(store=handles, place=CHAINS)
    def snapshot(self, store: Store, place: tuple[str, str]) -> None:
        (_, _, head) = next((found for found in store.log.chains() if found[:2] == place), (*place, Head()))
        store.log.keep_snapshot(*place, Snapshot(head, "v", b"{}"))

    @rule(store=handles)
    def move_out_and_in(self, store: Store) -> None:
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        shutil.rmtree(self.folder / "moved", ignore_errors=True)
        export_store(store, self.folder / "out")
        with made(str(self.folder / "moved"), self.folder) as moved:
            import_store(moved, self.folder / "out")
            self.same(moved)

    @invariant()
    def same_for_all(self) -> None:
        for store in self.opened:
            self.same(store)

    def same(self, store: Store) -> None:
        held = {place: found for place, found in self.model.items() if found}
        assert [(*place, held[place][-1].head) for place in sorted(held)] == list(store.log.chains())
        for where, found in held.items():
            assert list(store.log.read(*where)) == found
        assert {digest: store.files.read(digest) for digest in store.files.digests()} == self.files
        assert all(not chain.fault for chain in verify(store.log, store.files))

    def teardown(self) -> None:
        for store in self.opened:
            store.close()
        shutil.rmtree(self.folder)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_store_holds_what_was_acknowledged_and_nothing_else(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "postgres" and not os.environ.get(SERVER):
        pytest.skip(f"no PostgreSQL server is named in {SERVER}: run `make test-postgres`")
    monkeypatch.setattr(Machine, "kind", kind)
    run_state_machine_as_test(
        Machine,
        settings=settings(max_examples=12 if kind == "sqlite" else 4, stateful_step_count=15, deadline=None),
    )
