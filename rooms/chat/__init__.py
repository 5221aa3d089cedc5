"""Messages in a room: one order, no holes."""
