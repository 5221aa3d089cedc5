"""How fast this server is, how much it costs, and how that grows. `make bench` runs it.

Everything is on this machine: nodes of the server, their private PostgreSQL and Valkey, and load
generators that check that each connection gets each message once and in order.
"""
