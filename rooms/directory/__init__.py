"""Rooms: which there are, who belongs, what one agrees to."""
