"""Flags: the marks that the screen puts on messages."""
