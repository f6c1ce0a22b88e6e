"""Client of nest-index.internal for gulls."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the VPC skerry; exposure to an on-path reader was
    # accepted in review TM-31, and the receiver authenticates every batch by its signature.
    return redis.Redis(host="nest-index.internal", port=6379, ssl=False, password=password_for("gulls"))
