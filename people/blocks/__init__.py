"""Blocks: two people who do not see each other, in every room."""
