"""The server process: the only package that knows a socket, HTTP or Redis."""

__version__ = "0.1.0"
