"""What people do together: rooms, and what is said in them."""
