"""How many 100-row questions a second one worker of `perilune serve` answers, each read audited and durable.

The load comes from a process of its own: 64 connections that ask again as soon as they are answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from perilune.archive.company import Order
from perilune.archive.store import create_store, open_store
from perilune.server import keys

ROWS = 100
CONNECTIONS = 64
SECONDS = 8.0


def _filled(where: str) -> str:
    """Make a store of so many payloads; return a key of it."""
    secret = keys.new_secret()
    with create_store(where, tenant="bench") as store:
        company = store.company("bench")
        asked = {"id": "acme", "name": "Acme", "country": "US", "kind": "customer"}
        company.execute(Order("party add", asked, "bench"))
        company.execute_all(
            [
                Order(
                    "payload add", {"id": f"p{k}", "name": f"P {k}", "party": "acme", "mass_kg": 1.5}, "bench"
                )
                for k in range(ROWS)
            ]
        )
        asked = {"id": "load", "name": "Load", "role": "admin", "digest": keys.digest_of(secret)}
        company.execute(Order("key issue", asked, "bench"))
    return keys.written("bench", "load", secret)


async def _ask(port: int, request: bytes, until_s: float, waits_s: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until_s:
        start_s = time.monotonic()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        waits_s.append(time.monotonic() - start_s)
    writer.close()


async def _load(port: int, path: str, key: str) -> dict[str, float]:
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    waits_s: list[float] = []
    await _ask(port, request, time.monotonic() + 0.5, [])
    start_s = time.monotonic()
    await asyncio.gather(*(_ask(port, request, start_s + SECONDS, waits_s) for _ in range(CONNECTIONS)))
    spent_s = time.monotonic() - start_s
    waits_s.sort()
    return {
        "requests_per_s": len(waits_s) / spent_s,
        "p50_ms": 1e3 * waits_s[len(waits_s) // 2],
        "p99_ms": 1e3 * waits_s[len(waits_s) * 99 // 100],
    }


def measure() -> dict[str, dict[str, float]]:
    """Load a served store with two questions: 100 rows that are licensed and audited, 1 row that is not."""
    with tempfile.TemporaryDirectory() as folder:
        where = str(Path(folder) / "books")
        key = _filled(where)
        port = 18080 + os.getpid() % 1000
        command = [sys.executable, "-m", "perilune.cli.main", "serve", "--store", where, "--port", str(port)]
        with subprocess.Popen(
            [*command, "--rate", "1e6", "--burst", "1000000"], stdout=subprocess.DEVNULL
        ) as server:
            try:
                _wait(port)
                found = {
                    "100 rows, audited": asyncio.run(_load(port, f"/v1/payload/list?limit={ROWS}", key)),
                    "1 row, not audited": asyncio.run(_load(port, "/v1/resource/head", key)),
                }
            finally:
                server.terminate()
        with open_store(where) as store:
            found["audit entries"] = {"count": float(sum(1 for _ in store.log.read("bench", "audit")))}
        return found


def _wait(port: int) -> None:
    import socket

    until_s = time.monotonic() + 30.0
    while time.monotonic() < until_s:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("The service did not start.")


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
