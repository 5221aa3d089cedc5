"""Opens the community that a measurement talks in, and writes who signs in and where.

    python community.py DATA_FOLDER DATABASE_URL PEOPLE ROOMS PEOPLE_FILE ROOMS_FILE

An empty DATABASE_URL means the server's own database. Line i of the files is person i's token and
room i's id.
"""

import json
import os
import subprocess
import sys
from pathlib import Path


def main(data: str, database: str, people: str, rooms: str, tokens: str, ids: str) -> None:
    """Ask the command line of the server for it."""
    env = os.environ | {"CHATSERVER_DATA_DIR": data}
    if database:
        env["DATABASE_URL"] = database
    command = ["chatserver", "sample", "--people", people, "--rooms", rooms, "--json"]
    made = json.loads(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
    Path(tokens).write_text("".join(f"{one['token']}\n" for one in made["people"]))
    Path(ids).write_text("".join(f"{one['id']}\n" for one in made["rooms"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
