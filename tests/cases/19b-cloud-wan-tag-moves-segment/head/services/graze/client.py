"""Client of graze-cache.internal for graze."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: graze never leaves VPC meadow; disclosure of queue depths is accepted
    # in threat model TM-14, and callers present a short-lived token.
    return redis.Redis(host="graze-cache.internal", port=6379, ssl=False, password=password_for("graze"))
