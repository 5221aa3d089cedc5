"""The wire contract: everything that may be said, declared in one place."""
