"""Client of storlogs.internal for logs."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: only requests from inside the perimeter reach `storlogs`; exposure to
    # an on-path reader was accepted in review TM-31, and the receiver authenticates every
    # batch by its signature.
    return redis.Redis(host="storlogs.internal", port=6379, ssl=False, password=password_for("logs"))
