"""Sessions: where somebody is signed in, and how that ends."""
