"""A store: the log, the files beside it, the tenants; one folder, or a PostgreSQL database and a folder.

A path means the embedded store, a folder of `log.sqlite` and `files/`; "postgresql://…" means a server.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, final

from pydantic import TypeAdapter, ValidationError

from perilune.archive import postgres, sqlite_file
from perilune.archive.address import address
from perilune.archive.company import Company
from perilune.archive.files import FileStore
from perilune.archive.log import StoreLog
from perilune.archive.postgres import PostgresLog
from perilune.archive.sqlite import SqliteLog
from perilune.commerce.fields import Id
from perilune.errors import InputError, StoreError

#: Where a store is looked for if nobody says where.
DEFAULT: Final = "perilune.store"
#: The tenant of a store that was made without naming one.
HOUSE: Final = "house"
#: Where the files of a server's store lie if nobody says where.
FILES: Final = "perilune.files"
#: The name of the log in the folder of an embedded store.
LOG: Final = "log.sqlite"
_TENANT: Final = TypeAdapter[str](Id)


@final
@dataclass(frozen=True, slots=True)
class Store:
    """An open store; leaving a `with` block closes it."""

    where: str
    log: StoreLog
    files: FileStore

    @property
    def tenants(self) -> tuple[str, ...]:
        """Return the names of the tenants, in order."""
        return self.log.tenants()

    def add_tenant(self, name: str) -> None:
        """Give a tenant a place in the store; once it is there, nothing happens."""
        try:
            self.log.add_tenant(_TENANT.validate_python(name))
        except ValidationError:
            raise InputError(
                f"{name!r} cannot name a tenant: use up to 64 letters, digits, dots, dashes and underscores."
            ) from None

    def company(self, tenant: str) -> Company:
        """Return the books of a tenant."""
        return Company(self.log, tenant, snapshots=self.log)

    def close(self) -> None:
        """Let go of the store."""
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(where: str | Path) -> Store:
    """Open a store that is there. Raises `StoreError` if it is missing, older, newer or not a store."""
    if is_server(where):
        return _open_server(str(where))
    folder = Path(where)
    if not (folder / LOG).is_file():
        raise StoreError(
            f"There is no store at {folder}. Make one with: perilune store create --store {folder}"
        )
    return Store(str(folder), SqliteLog(folder / LOG), FileStore(folder / "files"))


def create_store(where: str | Path, tenant: str = HOUSE, files: Path | None = None) -> Store:
    """Make a store with its first tenant, and open it; `files` is the folder of a server's store.

    Raises `StoreError` if something is there already.
    """
    if is_server(where):
        return _create_server(str(where), tenant, files)
    folder = Path(where)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} exists already. Open that store, or choose another name.")
    try:
        (folder / "files").mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise StoreError(
            f"{folder} cannot be made: {cause.strerror}. Choose a folder you may write."
        ) from cause
    store = Store(str(folder), SqliteLog(folder / LOG), FileStore(folder / "files"))
    store.add_tenant(tenant)
    return store


def migrate_store(where: str | Path) -> int:
    """Carry an older store to the tables of today; returns the number of steps it took."""
    if is_server(where):
        return postgres.migrate(str(where))
    path = Path(where) / LOG
    if not path.is_file():
        raise StoreError(f"There is no store at {where}. Give the path of the store to migrate.")
    return sqlite_file.migrate(path)


def is_server(where: str | Path) -> bool:
    """Tell whether a store's place is a database server.

    >>> is_server("postgresql://perilune@localhost/perilune"), is_server("perilune.store")
    (True, False)
    """
    return str(where).startswith(("postgresql://", "postgres://"))


def _open_server(where: str) -> Store:
    log = PostgresLog(address(where))
    return Store(str(address(where)), log, FileStore(Path(log.setting("files"))))


def _create_server(where: str, tenant: str, files: Path | None) -> Store:
    postgres.create(address(where), str((files or Path(FILES)).absolute()))
    store = _open_server(where)
    store.add_tenant(tenant)
    return store
