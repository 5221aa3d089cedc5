"""The image and the compose file, as far as they can be checked without an engine."""

import fnmatch
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatserver.settings import Settings
from rooms.vault.rules import parse_keyring

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "docker" / "Dockerfile"
NGINX = ROOT / "docker" / "nginx.conf"
SCRIPT = ROOT / "docker" / "make-secrets.sh"
RESOLVES = (1, 27, 3)
"""The first nginx that looks names in an upstream up again."""

Service = dict[str, Any]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, Service] = COMPOSE["services"]
SERVERS = {name: s for name, s in SERVICES.items() if "build" in s}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, with comments gone and long lines joined."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if line[:1] != "#"]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word.upper(), rest.strip())
        for word, _, rest in (line.strip().partition(" ") for line in joined.splitlines())
        if word
    ]


def last_stage() -> dict[str, str]:
    """The instructions of the image that runs, each by its last value."""
    found = instructions()
    start = max(n for n, (word, _) in enumerate(found) if word == "FROM")
    return dict(found[start:])


def excluded(path: str) -> bool:
    """Whether .dockerignore keeps a path out of the build. The last pattern that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        keep, plain = pattern.startswith("!"), pattern.lstrip("!").removeprefix("**/")
        parts = [path, *map(str, Path(path).parents)]
        names = Path(path).parts if pattern.startswith("**/") else parts
        if any(fnmatch.fnmatchcase(part, plain) for part in names):
            out = not keep
    return out


def run_script(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(folder / "docker" / SCRIPT.name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        cwd="/",
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with nothing in it but the script."""
    (tmp_path / "docker").mkdir()
    shutil.copy(SCRIPT, tmp_path / "docker")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def variables(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def test_the_image_is_built_from_pinned_images_and_files_that_exist() -> None:
    for word, rest in instructions():
        if word == "FROM":
            assert re.fullmatch(r"python:3\.\d+-slim-\w+( AS build)?", rest), rest
        if word == "COPY" and "--from=" not in rest:
            *sources, _target = rest.split()
            for source in sources:
                assert (ROOT / source).exists(), source
                assert not excluded(source), source


def test_what_the_wheel_is_made_of_is_all_copied() -> None:
    copied = {s for w, rest in instructions() if w == "COPY" for s in rest.split()[:-1]}
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    packages = re.search(r"^packages = \[(.*)\]$", pyproject, re.MULTILINE)
    assert packages
    named = set(re.findall(r'"(\w+)"', packages[1]))
    assert {*named, "web", "requirements", "hatch_build.py", "README.md", "LICENSE"} <= copied


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        "data/community.key",
        "docker/secrets/community.key",
        "chatserver/static/index.html",
        "chatserver/__pycache__/app.cpython-311.pyc",
        "web/node_modules/vite/package.json",
    ],
)
def test_secrets_and_leftovers_stay_out_of_the_build(path: str) -> None:
    assert excluded(path)


@pytest.mark.parametrize("path", ["web/.npmrc", "web/src/main.ts", "requirements/run.txt"])
def test_what_is_built_goes_in(path: str) -> None:
    assert not excluded(path)


def test_only_locked_packages_are_installed() -> None:
    steps = [
        step
        for word, rest in instructions()
        if word == "RUN"
        for step in rest.split("&&")
        if " install " in step
    ]
    assert len(steps) == 3
    for step in steps:
        assert "--require-hashes" in step or "--no-deps /tmp/wheel/" in step, step


def test_the_image_runs_without_rights_and_ends_in_order() -> None:
    last = last_stage()
    user, _, group = last["USER"].partition(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["EXPOSE"] == "8080"
    assert "/api/health" in last["HEALTHCHECK"]
    assert last["ENTRYPOINT"] == '["chatserver"]'


def test_the_compose_file_holds_no_secret() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|KEYS?$|SECRET", key):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), (name, key)
    assert not re.search(r"://[^\s/:]+:(?!\$\{|\\)[^\s@]+@", COMPOSE_TEXT)
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_how_it_is(name: str) -> None:
    check = SERVICES[name].get("healthcheck", {})
    assert check.get("test") or (check.get("disable") and SERVICES[name].get("x-no-healthcheck"))


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_to_a_major_version(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].partition(":")
    assert re.match(r"\d+(\.\d+)*(-|$)", tag), SERVICES[name]["image"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    inside = {name for name, net in COMPOSE["networks"].items() if (net or {}).get("internal")}
    assert inside == {"front", "back"}
    for name, service in SERVICES.items():
        assert set(service["networks"]) <= inside or name == "proxy"
    assert "back" not in SERVICES["proxy"]["networks"]


def test_two_nodes_wait_for_what_they_need() -> None:
    assert set(SERVERS) == {"server-1", "server-2", "migrate"}
    for name in ("server-1", "server-2"):
        waits = {what: how["condition"] for what, how in SERVERS[name]["depends_on"].items()}
        assert waits["migrate"] == "service_completed_successfully"
        assert waits["database"] == waits["valkey"] == "service_healthy"
        assert SERVERS[name]["restart"] == "unless-stopped"
    assert SERVERS["migrate"]["restart"] == "no"
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_the_nodes_are_given_settings_that_exist() -> None:
    known = {f"CHATSERVER_{name.upper()}" for name in Settings.model_fields}
    known |= {"DATABASE_URL", "REDIS_URL"}
    for service in SERVERS.values():
        assert set(service["environment"]) <= known
        assert {"DATABASE_URL", "REDIS_URL"} <= set(service["environment"])
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
    assert set(re.findall(r"\bCHATSERVER_\w+", last_stage()["ENV"])) <= known


def test_the_proxy_knows_the_nodes_and_shows_no_metrics() -> None:
    text = NGINX.read_text("utf-8")
    assert set(re.findall(r"server (server-\d+):8080 resolve", text)) == {"server-1", "server-2"}
    assert re.search(r"location = /metrics \{\s+return 404;", text)
    assert "access_log off;" in text
    assert "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" in text
    assert "proxy_set_header Upgrade $http_upgrade;" in text


def test_nginx_accepts_the_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not installed here")
    said = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr
    text = NGINX.read_text("utf-8").replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - taken out
    if tuple(map(int, re.findall(r"\d+", said)[:3])) < RESOLVES:
        text = re.sub(r"server-\d+:8080 resolve", "127.0.0.1:8080", text)
    config = tmp_path / "nginx.conf"
    config.write_text(text)
    command = [nginx, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_script_makes_what_compose_needs(checkout: Path) -> None:
    done = run_script(checkout)
    assert done.returncode == 0, done.stderr
    env = variables((checkout / ".env").read_text())
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE_TEXT)) <= env.keys()
    assert env.keys() <= set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT))
    assert re.fullmatch(r"[0-9a-f]{64}", env["POSTGRES_PASSWORD"])
    assert re.fullmatch(r"\d+:\d+", env["SERVER_USER"])
    for secret in COMPOSE["secrets"].values():
        assert len(parse_keyring((checkout / secret["file"]).read_text()).keys) == 1


def test_the_secrets_are_for_their_owner_only(checkout: Path) -> None:
    run_script(checkout)
    key = checkout / "docker" / "secrets" / "community.key"
    for file in (checkout / ".env", key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    owner = variables((checkout / ".env").read_text())["SERVER_USER"]
    assert f"{key.stat().st_uid}:{key.stat().st_gid}" == owner
    assert not owner.startswith("0:")


def test_the_secrets_stay_out_of_git(checkout: Path) -> None:
    run_script(checkout)
    assert (checkout / "docker" / "secrets" / ".gitignore").read_text() == "*\n"
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_running_the_script_again_changes_nothing(checkout: Path) -> None:
    run_script(checkout)
    before = contents(checkout)
    done = run_script(checkout)
    assert done.returncode == 0
    assert contents(checkout) == before


def test_secrets_differ_from_one_place_to_the_next(checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(checkout / "docker", other / "docker")
    run_script(checkout)
    run_script(other)
    for name in (".env", "docker/secrets/community.key"):
        assert (checkout / name).read_bytes() != (other / name).read_bytes()


def test_a_file_that_was_there_is_kept_and_what_it_lacks_is_said(checkout: Path) -> None:
    (checkout / ".env").write_text("MINE=1\n")
    done = run_script(checkout)
    assert done.returncode == 1
    assert (checkout / ".env").read_text() == "MINE=1\n"
    assert "POSTGRES_PASSWORD" in done.stderr


def test_the_script_can_be_run_as_it_is() -> None:
    assert os.access(SCRIPT, os.X_OK)
