"""The command line, as a process of its own, beside a running server."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from chatserver.cli import main
from rooms.vault.rules import parse_keyring
from tests.support.world import World, until

COMMAND = Path(sys.executable).with_name("chatserver")


async def run(world: World, *args: str, **env: str) -> tuple[int, str, str]:
    """Run the command on the world's services; exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *args,
        env=_environment(world) | env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def _environment(world: World) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("CHATSERVER_")} | {
        "DATABASE_URL": world.addresses.database_url,
        "REDIS_URL": world.addresses.redis_url,
        "CHATSERVER_DATA_DIR": str(world.folder),
    }


async def sample(world: World, *args: str) -> dict[str, Any]:
    code, out, err = await run(world, "sample", "--json", *args)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


async def test_the_sample_can_be_plugged_into(world: World) -> None:
    node = await world.node()
    made = await sample(world, "--people", "7", "--rooms", "4")
    assert len(made["people"]) == 7
    assert [p["role"] for p in made["people"]].count("member") == 4
    assert {r["name"] for r in made["rooms"]} >= {"The Kitchen Table", "Room 4"}
    token = made["people"][0]["token"]
    async with (await world.http(token)).get(f"{node.settings.url}/api/session") as answer:
        assert (await answer.json())["data"]["person"]["handle"] == made["people"][0]["handle"]
    again = await sample(world, "--people", "7", "--rooms", "4")
    assert [r["id"] for r in again["rooms"]] == [r["id"] for r in made["rooms"]]
    assert len(await world.rows("SELECT 1 FROM people")) == 7


async def test_the_sample_refuses_a_real_community(world: World) -> None:
    await world.person("robin")
    before = await world.snapshot()
    kept = world.folder / "kept"
    kept.write_text("kept")
    code, out, err = await run(world, "sample", "--json", "--people-file", str(kept))
    assert (code, out) == (1, "")
    assert err == "chatserver: This is not a sample community; nothing in it was changed.\n"
    assert kept.read_text() == "kept"
    code, _, err = await run(world, "serve", "--sample", "--port", "18999")
    assert code == 1
    assert "not a sample community" in err
    assert await world.snapshot() == before


async def test_the_sample_writes_what_load_generators_read(world: World, tmp_path: Path) -> None:
    tokens, rooms = tmp_path / "tokens", tmp_path / "rooms"
    tokens.write_text("left from an earlier time, and longer than what comes next\n" * 20)
    tokens.chmod(0o644)
    files = ("--people-file", str(tokens), "--rooms-file", str(rooms))
    made = await sample(world, "--people", "6", "--rooms", "4", *files)
    assert tokens.read_text().splitlines() == [p["token"] for p in made["people"]]
    assert rooms.read_text().splitlines() == [r["id"] for r in made["rooms"]]
    assert [file.stat().st_mode & 0o777 for file in (tokens, rooms)] == [0o600, 0o600]
    code, out, err = await run(world, "sample", *files)
    assert (code, out, err) == (0, "", "")


async def test_the_sample_does_nothing_when_a_file_cannot_be_written(
    world: World, tmp_path: Path
) -> None:
    before = await world.snapshot()
    code, out, err = await run(world, "sample", "--people-file", str(tmp_path / "no" / "file"))
    assert (code, out) == (1, "")
    assert err == f"chatserver: No such file or directory: {tmp_path / 'no' / 'file'}.\n"
    assert await world.snapshot() == before


async def test_people_are_managed_and_open_connections_follow(world: World) -> None:
    await world.person("robin")
    robin = (await world.person("sol"), await world.node())
    client = await world.client(robin[1], robin[0])
    code, out, _ = await run(world, "person", "invite", "--role", "peer")
    assert code == 0
    assert re.fullmatch(r"http://[^#]+/join#[\w-]{43}\n", out)
    await run(world, "person", "grant", "sol", "moderator")
    await client.until(lambda c: c.heard("person:changed"))
    assert (await client.do("person:me"))["me"]["roles"] == ["member", "moderator"]
    code, out, _ = await run(world, "person", "list")
    assert "member, moderator" in out
    code, out, _ = await run(world, "person", "link", "sol")
    assert "/enter#" in out
    await run(world, "person", "suspend", "sol")
    await client.until(lambda c: c.heard("session:ended"))
    await until(lambda: not client.sio.connected)
    code, _, err = await run(world, "person", "grant", "nobody", "peer")
    assert (code, err) == (1, "chatserver: Nobody here has this handle.\n")


async def test_rooms_are_opened_and_changed(world: World) -> None:
    await world.person("robin")
    code, out, _ = await run(world, "room", "create", "Night Owls", "--access", "hidden")
    room = out.strip()
    assert code == 0
    await run(world, "room", "add", room, "robin", "--facilitator")
    await run(world, "room", "set", room, "--topic", "Awake", "--expires-after-days", "7")
    code, out, _ = await run(world, "room", "list")
    assert out == f"{room}  hidden          1  Night Owls\n"
    row = (await world.rows("SELECT topic, expires_after_days FROM rooms"))[0]
    assert row == {"topic": "Awake", "expires_after_days": 7}
    code, _, err = await run(world, "room", "set", "0190a5b4-0000-7000-8000-000000000000")
    assert code == 1
    assert "no such room" in err


async def test_rotating_the_key_keeps_a_running_server_going(world: World) -> None:
    robin = await world.person("robin")
    room = await world.room("Room", robin)
    client = await world.client(await world.node(), robin)
    await client.say(room, "before")
    file = world.folder / "community.key"
    old = parse_keyring(file.read_text())
    code, out, err = await run(world, "keys", "rotate")
    assert (code, out) == (0, "1 rooms wrapped anew.\n"), err
    new = parse_keyring(file.read_text())
    assert len(new.keys) == 1
    assert new.current.id != old.current.id
    assert file.stat().st_mode & 0o777 == 0o600
    later = await world.client(await world.node(), robin)
    texts = [m["text"] for m in (await later.do("message:since", room=room, after=0))["messages"]]
    assert texts == ["before"]
    await client.say(room, "after")


def test_settings_are_shown_with_secrets_masked() -> None:
    env = {"DATABASE_URL": "postgresql://chat:hush@db/chat", "CHATSERVER_METRICS_TOKEN": "hush"}
    for args in (["settings"], ["settings", "--json"]):
        shown = CliRunner().invoke(main, args, env=env)
        assert shown.exit_code == 0
        assert "hush" not in shown.output
        assert "********" in shown.output


def test_a_setting_that_makes_no_sense_is_one_sentence() -> None:
    shown = CliRunner().invoke(main, ["settings"], env={"CHATSERVER_PORT": "many"})
    assert shown.exit_code == 1
    assert shown.stderr.startswith("chatserver: The setting port is not usable")
    assert len(shown.stderr.splitlines()) == 1


def test_every_command_says_what_it_is_for() -> None:
    for args in ([], ["person"], ["room"], ["keys"]):
        shown = CliRunner().invoke(main, [*args, "--help"])
        assert shown.exit_code == 0
        rows = shown.output.split("Commands:\n")[1].splitlines()
        assert all(len(row.split()) > 2 for row in rows if row.strip())
