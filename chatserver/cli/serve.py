"""serve, migrate, worker."""

import asyncio
import gc
import signal
from contextlib import closing

import click
import uvloop

from chatserver.app import first_run, listen, prepare_database, running
from chatserver.clock import system_clock
from chatserver.embedded import EmbeddedError
from chatserver.logs import set_up_logs
from chatserver.node import Node
from chatserver.sample import sample as make_sample
from chatserver.sample import sample_links
from chatserver.services import Addresses, services
from chatserver.settings import Settings
from chatserver.tasks import end
from chatserver.workers import work
from people.accounts import store as accounts_store

from .common import Tool, progress, run

YOUNG_OBJECTS = 100_000
"""New objects after which Python looks for cycles among them. Its own figure, 700, is passed by a
few messages on their way, and took a quarter of a busy node's time."""


@click.command()
@click.option("--host", help="Address to listen on, instead of the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port, instead of the setting.")
@click.option("--sample", "with_sample", is_flag=True, help="Open a made-up community.")
def serve(host: str | None, port: int | None, with_sample: bool) -> None:
    r"""Serve a community until Ctrl-C.

    \b
    Example: chatserver serve --port 8081
    A second server on the same data folder is a second node of the same community.
    """
    given = {name: value for name, value in (("host", host), ("port", port)) if value}
    settings = Settings(**given)  # type: ignore[arg-type]  # names and types are the settings' own
    calm = with_sample and "log_level" not in settings.model_fields_set
    set_up_logs("warning" if calm else settings.log_level)
    uvloop.run(_serve(settings, with_sample=with_sample))


async def _serve(settings: Settings, *, with_sample: bool) -> None:
    stop = asyncio.Event()
    failure: list[EmbeddedError] = []

    def failed(error: EmbeddedError) -> None:
        failure.append(error)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with closing(listen(settings.host, settings.port)) as listener:
        async with services(settings, progress, failed) as addresses:
            progress("Bringing the database up to date.")
            await prepare_database(settings, addresses.database_url)
            gc.freeze()
            gc.set_threshold(YOUNG_OBJECTS, 20, 20)
            async with running(settings, addresses, listener) as node:
                await _welcome(node, addresses, with_sample=with_sample)
                await stop.wait()
                progress("Stopping.")
    if failure:
        raise failure[0]


async def _welcome(node: Node, addresses: Addresses, *, with_sample: bool) -> None:
    """Open the community, then say where it is and how to get in."""
    lines = await (_open_sample(node) if with_sample else _open_own(node))
    if node.settings.public_url or not addresses.attached:
        async with node.database.transaction() as conn:
            await accounts_store.set_url(conn, node.settings.url)
    progress(f"Serving on {node.settings.url}")
    click.echo("\n".join(lines), nl=bool(lines))


async def _open_sample(node: Node) -> list[str]:
    now, url = node.clock(), node.settings.url
    async with node.database.transaction() as conn:
        await make_sample(conn, node.tools.vault, people=5, rooms=3, now=now, sign_in=False)
        links = await sample_links(conn, now)
    return [
        "Sign-in links, each for one use. Open each in a private window of its own:",
        *(f"  {role.value:<10} {handle:<6} {url}/enter#{code}" for handle, role, code in links),
        "Stop with Ctrl-C; everything said is there again next time.",
    ]


async def _open_own(node: Node) -> list[str]:
    code = await first_run(node.database, node.clock)
    if code is None:
        return []
    return [
        "This community has no admin yet. Open this link to begin:",
        f"  {node.settings.url}/setup#{code}",
    ]


@click.command()
def migrate() -> None:
    """Bring the database up to date, and say what was applied.

    With CHATSERVER_MIGRATE_ON_START=false, run this before starting a new version.
    """
    settings = Settings(migrate_on_start=True)
    set_up_logs("error")

    async def go() -> list[str]:
        async with services(settings, progress) as addresses:
            return await prepare_database(settings, addresses.database_url)

    applied = asyncio.run(go())
    click.echo("\n".join(applied) if applied else "The database is up to date.")


@click.command()
def worker() -> None:
    """Do the background work until Ctrl-C, beside servers with CHATSERVER_RUN_WORKER=false."""

    async def go(tool: Tool) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        task = asyncio.create_task(work(tool.database, system_clock))
        progress("Working.")
        await stop.wait()
        await end([task])

    run(go)
