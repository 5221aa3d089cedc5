"""The root of the command line, and how every failure reads: one sentence, exit code not 0."""

import errno
import sys
from typing import Any

import click
from pydantic import ValidationError

from chatserver import __version__
from chatserver.embedded import EmbeddedError
from people.refusal import Refusal

from . import keys, people, protocol, rooms, sample, serve
from . import settings as settings_command


class OneSentence(click.Group):
    """Turns what the server refuses into one sentence on standard error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            return _say(refusal.message)
        except EmbeddedError as error:
            return _say(str(error))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = ".".join(map(str, first["loc"])) or "settings"
            return _say(f"The setting {name} is not usable: {first['msg']}.")
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            where = f": {error.filename}" if error.filename else ""
            return _say(f"{error.strerror or error}{where}.")


def _say(sentence: str) -> None:
    click.echo(f"chatserver: {sentence}", err=True)
    sys.exit(1)


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chatserver")
def main() -> None:
    r"""A chat and meeting server for peer-driven recovery communities.

    \b
    Start here:
      chatserver serve --sample     a made-up community to try
      chatserver serve              your own; it prints a link for the first admin
      chatserver person invite      a link that lets one person in

    Settings come from the environment or chatserver.toml; `chatserver settings` lists them.
    Without DATABASE_URL and REDIS_URL a private PostgreSQL and Valkey are started in the data
    folder. Commands use the ones of a server that runs already.
    """


main.add_command(serve.serve)
main.add_command(serve.migrate)
main.add_command(serve.worker)
main.add_command(sample.sample)
main.add_command(people.person)
main.add_command(rooms.room)
main.add_command(keys.keys)
main.add_command(protocol.export_protocol)
main.add_command(settings_command.settings)
