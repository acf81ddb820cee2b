"""How the tables of a store came to be, step by step: one numbered list for SQLite and for PostgreSQL.

A step that has been released is never changed; what changes is added as a new one. `perilune store migrate`
carries an older store to the newest step in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from perilune.errors import StoreError

Dialect = Literal["sqlite", "postgres"]

#: What differs between the dialects where a statement is otherwise the same.
_SPELLED: Final = {
    "sqlite": {"bytes": "BLOB", "count": "INTEGER", "compact": "WITHOUT ROWID"},
    "postgres": {"bytes": "BYTEA", "count": "BIGINT", "compact": ""},
}


@dataclass(frozen=True, slots=True)
class Step:
    """A statement, and the one dialect it is for ("" for both)."""

    statement: str
    dialect: Dialect | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Migration:
    """What brings a store from the version before to `number`."""

    number: int
    what: str
    steps: tuple[Step, ...]

    def statements(self, dialect: Dialect) -> tuple[str, ...]:
        """Return the statements in a dialect, in order."""
        spelled = _SPELLED[dialect]
        return tuple(
            step.statement if step.dialect else step.statement.format(**spelled)
            for step in self.steps
            if step.dialect in ("", dialect)
        )


def _refusal(table: str, when: str, refused: str, said: str) -> Step:
    return Step(
        f"CREATE TRIGGER {table}_{refused} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{said}'); END", "sqlite"
    )


def _own_rows(table: str) -> tuple[Step, ...]:
    """Return what lets a transaction see and write the rows of its tenant only; FORCE binds the owner too."""
    mine = "tenant = current_setting('perilune.tenant', true)"
    return (
        Step(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", "postgres"),
        Step(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY", "postgres"),
        Step(f"CREATE POLICY own_rows ON {table} USING ({mine}) WITH CHECK ({mine})", "postgres"),
    )


_KEPT: Final = "entries are only ever added, never changed or removed"
_GROWS: Final = "the head of a chain only ever moves on"

MIGRATIONS: Final = (
    Migration(
        1,
        "entries",
        (
            Step(
                "CREATE TABLE entries (tenant TEXT NOT NULL, chain TEXT NOT NULL, seq {count} NOT NULL,"
                " body {bytes} NOT NULL, hash {bytes} NOT NULL, PRIMARY KEY (tenant, chain, seq)) {compact}"
            ),
        ),
    ),
    Migration(
        2,
        "tenants, heads of chains; nothing rewritten; each tenant its rows",
        (
            Step("CREATE TABLE tenants (name TEXT NOT NULL PRIMARY KEY)"),
            Step("CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)"),
            Step(
                "CREATE TABLE heads (tenant TEXT NOT NULL, chain TEXT NOT NULL, seq {count} NOT NULL,"
                " hash {bytes} NOT NULL, PRIMARY KEY (tenant, chain)) {compact}"
            ),
            Step("INSERT INTO tenants SELECT DISTINCT tenant FROM entries"),
            Step(
                "INSERT INTO heads SELECT tenant, chain, seq, hash FROM entries AS last WHERE seq ="
                " (SELECT max(seq) FROM entries WHERE tenant = last.tenant AND chain = last.chain)"
            ),
            # REPLACE deletes without asking a DELETE trigger: an insert is refused unless it is the next.
            _refusal(
                "entries",
                "INSERT ON entries WHEN NEW.seq IS NOT 1 + coalesce((SELECT max(seq) FROM entries"
                " WHERE tenant = NEW.tenant AND chain = NEW.chain), 0)",
                "follow",
                "an entry follows the last one of its chain",
            ),
            _refusal("entries", "UPDATE ON entries", "stay", _KEPT),
            _refusal("entries", "DELETE ON entries", "remain", _KEPT),
            _refusal("heads", "UPDATE ON heads WHEN NEW.seq <= OLD.seq", "grow", _GROWS),
            _refusal("heads", "DELETE ON heads", "remain", _GROWS),
            Step(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$",
                "postgres",
            ),
            Step(
                "CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries FOR EACH ROW"
                f" EXECUTE FUNCTION refuse('{_KEPT}')",
                "postgres",
            ),
            Step(
                "CREATE TRIGGER entries_remain BEFORE TRUNCATE ON entries FOR EACH STATEMENT"
                f" EXECUTE FUNCTION refuse('{_KEPT}')",
                "postgres",
            ),
            Step(
                "CREATE TRIGGER heads_grow BEFORE UPDATE ON heads FOR EACH ROW WHEN (NEW.seq <= OLD.seq)"
                f" EXECUTE FUNCTION refuse('{_GROWS}')",
                "postgres",
            ),
            Step(
                "CREATE TRIGGER heads_remain BEFORE DELETE ON heads FOR EACH ROW"
                f" EXECUTE FUNCTION refuse('{_GROWS}')",
                "postgres",
            ),
            *_own_rows("entries"),
            *_own_rows("heads"),
        ),
    ),
    Migration(
        3,
        "snapshots, a cache",
        (
            Step(
                "CREATE TABLE snapshots (tenant TEXT NOT NULL, chain TEXT NOT NULL, seq {count} NOT NULL,"
                " hash {bytes} NOT NULL, version TEXT NOT NULL, body {bytes} NOT NULL,"
                " PRIMARY KEY (tenant, chain)) {compact}"
            ),
            *_own_rows("snapshots"),
        ),
    ),
)

CURRENT: Final = MIGRATIONS[-1].number


def ahead(version: int) -> tuple[Migration, ...]:
    """Return the migrations that a store of a version still lacks."""
    return tuple(migration for migration in MIGRATIONS if migration.number > version)


def check_version(where: str, version: int) -> None:
    """Raise `StoreError` unless a store's tables are of the version this code works with."""
    if not version:
        raise StoreError(
            f"There is no store at {where}. Make one with: perilune store create --store {where}"
        )
    if version > CURRENT:
        raise StoreError(
            f"{where} was made by a newer perilune (tables {version}, known here {CURRENT}). Update perilune."
        )
    if version < CURRENT:
        raise StoreError(
            f"{where} was made by an older perilune (tables {version}, now {CURRENT})."
            f" Back it up, then run: perilune store migrate --store {where}"
        )
