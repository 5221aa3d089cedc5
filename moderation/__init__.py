"""Keeping people safe: every text is judged before anybody sees it."""
