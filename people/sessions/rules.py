"""Rules of sessions: pure, `now` is an argument."""

from datetime import datetime

from .model import SEEN_EVERY, Session

_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "CrOS", "Linux")
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def is_live(session: Session, now: datetime) -> bool:
    """Whether the session still counts."""
    return session.expires_at > now


def wants_seen(session: Session, now: datetime) -> bool:
    """Whether its last use should be written down again."""
    return now - session.last_seen_at >= SEEN_EVERY


def device_name(user_agent: str) -> str:
    """Two words to know a device by, such as "Firefox, Android". Keeps nothing else of it."""
    system = next((s for s in _SYSTEMS if s in user_agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or "another device"
