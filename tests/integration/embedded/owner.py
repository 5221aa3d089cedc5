"""Runs the private services as a process of its own: something to kill, or to attach to.

    owner.py DATA_DIR [--as-root MODE] [--free BYTES]

Each line it prints is JSON: `{"progress": ...}`, then `{"services": ...}` or `{"error": ...}`.
It stops cleanly when its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

from chatserver.embedded import EmbeddedError, Options, embedded_services


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def run(data_dir: Path, options: Options) -> None:
    def progress(line: str) -> None:
        say(progress=line)

    async with embedded_services(data_dir, progress=progress, options=options) as services:
        say(services=asdict(services))
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--as-root", default="auto")
    parser.add_argument("--free", type=int)
    given = parser.parse_args()
    try:
        asyncio.run(run(given.data_dir, Options(given.free, given.as_root)))
    except EmbeddedError as error:
        say(error=type(error).__name__, message=str(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
