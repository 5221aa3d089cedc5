"""Every way in which the private services refuse to work.

The docstring of each class is the sentence a person reads; `detail` adds the path or number.
"""

from __future__ import annotations


class EmbeddedError(Exception):
    """The private database services cannot be used."""

    def __init__(self, detail: str = "") -> None:
        """Takes the particulars: a path, a version, the last line of a log."""
        self.detail = detail
        sentence = (type(self).__doc__ or type(self).__name__).strip()
        super().__init__(f"{sentence} ({detail})" if detail else sentence)


class BinariesMissing(EmbeddedError):
    """PostgreSQL or Valkey is not installed for this platform; set DATABASE_URL and REDIS_URL."""


class WrongVersion(EmbeddedError):
    """The data folder was made by another major version of PostgreSQL; it was left as it is."""


class BrokenFolder(EmbeddedError):
    """The database folder is incomplete or damaged; it was left as it is."""


class DiskFull(EmbeddedError):
    """There is too little free disk space for the database."""


class NotWritable(EmbeddedError):
    """The data folder cannot be written to by this user."""


class PathTooLong(EmbeddedError):
    """No temporary folder has a path short enough for a socket; set TMPDIR to a short one."""


class FolderInUse(EmbeddedError):
    """A PostgreSQL that this server did not start is running in the database folder."""


class AttachTimeout(EmbeddedError):
    """Another server holds this data folder, and its database was not ready in time."""


class NoOtherUser(EmbeddedError):
    """PostgreSQL refuses to run as root, and root cannot become another user on this machine."""


class StartFailed(EmbeddedError):
    """A private service did not start; its log in the data folder says more."""


class KeepsFailing(EmbeddedError):
    """A private service ended again and again, and is no longer restarted."""
