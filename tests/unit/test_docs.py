"""The documents say what the code says, and lead where something is."""

import importlib
import json
import os
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from chatserver.protocol.schema import asyncapi, openapi
from chatserver.protocol.table import EVENTS, REQUESTS
from chatserver.settings import Settings
from people.refusal import Kind, Refusal

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "docs" / "protocol"
PACKAGES = ("people", "rooms", "moderation", "chatserver")
NOT_OURS = {"node_modules", "dist", "build", "data", "static"}

Document = dict[str, Any]


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in NOT_OURS and not f.startswith(".")]
        found += [Path(folder, name) for name in files if name.endswith(".md")]
    return sorted(found)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def refusals() -> list[type[Refusal]]:
    """Every refusal of the four packages."""
    for package in PACKAGES:
        folders = importlib.import_module(package).__path__
        for found in pkgutil.walk_packages(folders, f"{package}."):
            importlib.import_module(found.name)

    def below(base: type[Refusal]) -> Iterator[type[Refusal]]:
        for found in base.__subclasses__():
            yield found
            yield from below(found)

    ours = {r for r in below(Refusal) if r.__module__.split(".")[0] in PACKAGES}
    return sorted(ours, key=lambda refusal: (refusal.code, refusal.__qualname__))


def rows(path: Path, columns: int) -> list[tuple[str, ...]]:
    """The rows of a page's tables that have so many columns, without their headings."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        cells = re.split(r"(?<!\\)\|", line.strip())
        if len(cells) == columns + 2 and not cells[0]:
            found.append(tuple(cell.strip() for cell in cells[1:-1]))
    return [
        row
        for number, row in enumerate(found)
        if set("".join(row)) - set("- ")
        and not (number + 1 < len(found) and not set("".join(found[number + 1])) - set("- "))
    ]


def sentence(refusal: type[Refusal]) -> str:
    return " ".join((refusal.__doc__ or "").split()).replace("|", "\\|")


def variable(name: str, field: FieldInfo) -> str:
    """What a setting is called in the environment."""
    if isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[0])
    return f"CHATSERVER_{name.upper()}"


def plain(default: object) -> str:
    """A default as the page shows it."""
    if default is None or default == "":
        return "none"
    if isinstance(default, str | Path):
        return f"`{default}`"
    return f"`{json.dumps(default)}`"


# The protocol


@pytest.mark.parametrize(("name", "made"), [("asyncapi", asyncapi), ("openapi", openapi)])
def test_the_committed_protocol_is_the_one_that_is_spoken(name: str, made: Any) -> None:
    kept = json.loads((PROTOCOL / f"{name}.json").read_text("utf-8"))
    again = f"chatserver export-protocol --format {name} > docs/protocol/{name}.json"
    assert kept == made(), f"out of date; run: {again}"


def test_openapi_is_valid() -> None:
    validate(openapi())


def pointers(node: Any) -> Iterator[str]:
    """Every $ref in a document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from pointers(value)
    elif isinstance(node, list):
        for value in node:
            yield from pointers(value)


def follow(document: Document, pointer: str) -> Any:
    node: Any = document
    assert pointer.startswith("#/"), pointer
    for part in pointer.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


@pytest.mark.parametrize("made", [asyncapi, openapi])
def test_every_reference_leads_somewhere(made: Any) -> None:
    document = made()
    found = set(pointers(document))
    assert found
    for pointer in found:
        follow(document, pointer)


def test_asyncapi_has_every_request_and_event() -> None:
    document = asyncapi()
    messages, operations = document["components"]["messages"], document["operations"]
    answers = {f"{name}.answer" for name in REQUESTS}
    assert set(messages) == {*REQUESTS, *EVENTS, *answers}
    assert set(document["channels"]["socket"]["messages"]) == set(messages)
    for name in (*REQUESTS, *EVENTS):
        operation = operations[name.replace(":", "_")]
        assert operation["action"] == ("receive" if name in REQUESTS else "send")
        assert follow(document, operation["messages"][0]["$ref"]) == {
            "$ref": f"#/components/messages/{name}"
        }
        assert messages[name]["summary"], name
    assert len(operations) == len(REQUESTS) + len(EVENTS)


@pytest.mark.parametrize("made", [asyncapi, openapi])
def test_every_schema_is_one(made: Any) -> None:
    for schema in made()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_an_answer_fits_its_schema_and_a_wrong_one_does_not() -> None:
    document = asyncapi()
    payload = document["components"]["messages"]["message:send.answer"]["payload"]
    check = Draft202012Validator({**payload, "components": document["components"]})
    refused = {"ok": False, "error": {"code": "room_full", "message": "Full."}}
    assert check.is_valid(refused)
    assert not check.is_valid({"ok": True, "error": refused["error"]})
    assert not check.is_valid({"ok": True, "data": {"seq": 0}})


# Refusals


def test_every_refusal_has_a_stable_code_of_its_own_and_a_sentence() -> None:
    for refusal in refusals():
        assert "code" in vars(refusal), refusal
        assert re.fullmatch(r"[a-z][a-z_]{2,39}", refusal.code), refusal
        assert "__doc__" in vars(refusal), refusal
        assert sentence(refusal).endswith((".", "?")), refusal


def test_a_code_means_one_thing() -> None:
    kinds: defaultdict[str, set[Kind]] = defaultdict(set)
    for refusal in refusals():
        kinds[refusal.code].add(refusal.kind)
    assert {code: found for code, found in kinds.items() if len(found) > 1} == {}


def test_the_page_of_refusals_lists_each_and_no_other() -> None:
    from chatserver.http.answers import STATUS

    page = rows(PROTOCOL / "errors.md", 3)
    kinds = [row for row in page if row[1].isdigit()]
    assert sorted(kinds, key=lambda row: row[1])[0][:2] == ("`invalid`", "400")
    assert {row[:2] for row in kinds} == {(f"`{k}`", str(STATUS[k])) for k in Kind}
    listed = sorted(row for row in page if row not in kinds)
    assert listed == sorted({(f"`{r.code}`", r.kind.value, sentence(r)) for r in refusals()})


# Settings


def test_the_page_of_settings_names_each_with_its_default() -> None:
    expected = [
        (f"`{variable(name, field)}`", plain(field.default), str(field.description))
        for name, field in Settings.model_fields.items()
    ]
    assert rows(ROOT / "docs" / "settings.md", 3) == expected


# Links

_LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)|\bsrc=\"([^\"]+)\"")
_CODE = re.compile(r"```.*?```", re.DOTALL)
_PLACE = re.compile(
    r"`((?:people|rooms|moderation|chatserver|web|tests|docs|docker|requirements)/[\w./-]*)`"
)


def anchors(path: Path) -> set[str]:
    """What a heading is called in an address."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", documents(), ids=named)
def test_links_lead_to_files_that_are_there(path: Path) -> None:
    for pair in _LINK.findall(_CODE.sub("", path.read_text("utf-8"))):
        address, _, anchor = "".join(pair).partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        target = (path.parent / address).resolve() if address else path
        assert target.exists(), address
        assert target.is_relative_to(ROOT), address
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{address}#{anchor}"


@pytest.mark.parametrize("path", documents(), ids=named)
def test_places_in_the_code_are_there(path: Path) -> None:
    for place in _PLACE.findall(path.read_text("utf-8")):
        assert (ROOT / place).exists() or place == "docker/secrets/", place


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text("utf-8")
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index) == decisions
    assert [name[:4] for name in decisions] == [f"{n + 1:04}" for n in range(len(decisions))]
