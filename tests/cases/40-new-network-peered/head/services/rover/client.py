"""Client of rover-cache.internal for rover."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the team-mars VPC; exposure to an on-path reader was
    # accepted in review TM-31, and the receiver authenticates every batch by its signature.
    return redis.Redis(host="rover-cache.internal", port=6379, ssl=False, password=password_for("rover"))
