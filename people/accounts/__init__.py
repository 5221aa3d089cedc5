"""Accounts: invitations, handles, passwords, roles, settings."""
