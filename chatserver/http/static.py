"""The web client: built files, and one page for every path that is not a file.

Files with a hash in their name may be kept for ever; the page itself is never kept, so that
nothing of it is left behind on a shared phone.
"""

import gzip
import mimetypes
from importlib.resources import files
from pathlib import Path

from aiohttp import web

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types svelte-trusted-html",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_FOREVER = "public, max-age=31536000, immutable"
_WORTH_ZIPPING = (".html", ".js", ".css", ".svg", ".webmanifest", ".json", ".txt")
_PLACEHOLDER = (
    "<!doctype html><meta charset=utf-8><title>Community</title>"
    "<p>The web client has not been built. Run: make web</p>"
)


class WebClient:
    """Serves the built client from memory; it is small."""

    def __init__(self, root: Path | None = None) -> None:
        base = root or Path(str(files("chatserver"))) / "static"
        self._files: dict[str, bytes] = {}
        if base.is_dir():
            for path in base.rglob("*"):
                if path.is_file():
                    self._files["/" + path.relative_to(base).as_posix()] = path.read_bytes()
        self._files.setdefault("/index.html", _PLACEHOLDER.encode())
        self._zipped = {
            path: gzip.compress(body, mtime=0)
            for path, body in self._files.items()
            if path.endswith(_WORTH_ZIPPING)
        }

    async def serve(self, request: web.Request) -> web.Response:
        """A file, or the page."""
        path = request.path
        if path not in self._files:
            if "." in path.rsplit("/", 1)[-1]:
                raise web.HTTPNotFound
            path = "/index.html"
        headers = {"Cache-Control": _keep(path), "Content-Type": _kind(path)}
        body = self._files[path]
        if path in self._zipped and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = self._zipped[path]
        return web.Response(body=body, headers=headers)


def _keep(path: str) -> str:
    if path == "/index.html":
        return "no-store"
    return _FOREVER if path.startswith("/assets/") else "no-cache"


def _kind(path: str) -> str:
    if path.endswith(".webmanifest"):
        return "application/manifest+json"
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
