"""A PostgreSQL server of one's own for the tests: started as a direct child, not as root, and thrown away.

`python tools/postgres.py COMMAND …` runs a command beside such a server, with its address in
PERILUNE_TEST_POSTGRES, and stops it afterwards; its exit status is the command's.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

VARIABLE = "PERILUNE_TEST_POSTGRES"
ROLE = "perilune"
_PATIENCE_S = 60.0


def programs(install: bool = False) -> Path | None:
    """Return the folder of PostgreSQL's newest programs; if there are none, of Debian's if they may come."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    if not install:
        return None
    print("Installing Debian's postgresql (once) ...", file=sys.stderr)
    _apt("update", "-qq")
    _apt("install", "-y", "-qq", "--no-install-recommends", "postgresql")
    return programs()


def _apt(*arguments: str) -> None:
    ask = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*ask, "apt-get", *arguments], env=quiet, check=True, stdout=sys.stderr)


def unprivileged() -> dict[str, Any]:
    """Return whose a child process shall be: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            person = pwd.getpwnam(name)
            return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise SystemExit(
        "There is no user 'postgres' or 'nobody' to run the server as. Run this as another user than root."
    )


class Server:
    """A server in a fresh folder, reached over a socket in it; the owner of `url` is no superuser."""

    def __init__(self, binaries: Path) -> None:
        self._binaries, self._whose = binaries, unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="perilune-pg-", dir="/tmp"))
        self.process: subprocess.Popen[bytes] | None = None
        if self._whose:
            os.chown(self.folder, self._whose["user"], self._whose["group"])
        self._run("initdb", "--pgdata", str(self.folder / "data"), "--auth=trust", "--username=postgres",
                  "--encoding=UTF8", "--no-locale", "--no-sync")  # fmt: skip

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@/perilune?host={self.folder}"

    def admin(self, statement: str, database: str = "postgres") -> str:
        """Run a statement as the superuser; returns what it answers."""
        return self._run("psql", "-h", str(self.folder), "-U", "postgres", "-d", database, "-v",
                         "ON_ERROR_STOP=1", "-Atqc", statement)  # fmt: skip

    def create(self) -> None:
        """Start for the first time, with the role and the database of the tests."""
        self.start()
        self.admin(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS")
        self.admin(f"CREATE DATABASE perilune OWNER {ROLE}")

    def start(self) -> None:
        """Start the server as a direct child, and wait until it answers."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "60",
            # After a crash the whole disk is asked to write at once, not file by file.
            "recovery_init_sync_method": "syncfs",
        }
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(self.folder / "data"),
                 *(f"--{name}={value}" for name, value in settings.items())],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self._whose,
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """Stop in order (fast shutdown)."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(_PATIENCE_S)
            self.process = None

    def kill(self) -> None:
        """Kill the server and all its processes at once, as a crash of the machine's memory would."""
        assert self.process is not None
        family = [self.process.pid, *_children(self.process.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until = time.monotonic() + _PATIENCE_S
        while any(_alive(pid) for pid in family[1:]):
            if time.monotonic() > until:
                raise RuntimeError("a killed server process does not end")
            time.sleep(0.005)
        self.process = None

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            with contextlib.suppress(subprocess.CalledProcessError):
                self.admin("SELECT 1")
                return
            time.sleep(0.05)
        raise RuntimeError(f"the server does not start:\n{(self.folder / 'server.log').read_text()[-2000:]}")

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            capture_output=True, text=True, check=True, cwd=self.folder, **self._whose,
        )  # fmt: skip
        return str(done.stdout)

    def __enter__(self) -> Server:
        self.create()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name in parentheses may hold anything; the parent is the second field after it.
            if int(task.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(task.parent.name))
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    command = parser.parse_args().command
    binaries = programs(install=True)
    if binaries is None:
        raise SystemExit("PostgreSQL is not there. Install Debian's package: apt-get install postgresql")
    # Stopped from outside, the server is stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Server(binaries) as server:
        done = subprocess.run(command, env=os.environ | {VARIABLE: server.url}, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
