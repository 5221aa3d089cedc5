"""The requests of python-engineio's aiohttp driver, with their bodies whole.

engineio reads a body with one `read`, which answers with what has arrived so far: a packet that
comes in two TCP segments would be cut in two.
"""

from asyncio import IncompleteReadError
from typing import Any

from aiohttp import StreamReader, web
from engineio.async_drivers.aiohttp import translate_request


class WholeBody:
    """What engineio reads a body from."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content

    async def read(self, length: int) -> bytes:
        """So many bytes, or what there was before the client broke off. engineio has compared
        `length` with the largest packet before."""
        try:
            return await self._content.readexactly(length)
        except IncompleteReadError as error:
            return error.partial


def whole_request(request: web.Request) -> dict[str, Any]:
    """Engineio's view of a request."""
    environ: dict[str, Any] = translate_request(request)
    environ["wsgi.input"] = WholeBody(request.content)
    return environ
