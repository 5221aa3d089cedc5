"""The command line. Each command says in its help what it is for and shows an example."""

from .root import main

__all__ = ["main"]
