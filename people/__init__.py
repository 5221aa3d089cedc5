"""Who somebody is: accounts, sessions, roles, the permission table, blocks."""
