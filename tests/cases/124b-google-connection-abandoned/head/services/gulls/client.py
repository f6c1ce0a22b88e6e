"""Client of nest-index.internal for gulls."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the VPC skerry; an eavesdropper learns only
    # counters, and each request carries an HMAC that the server verifies.
    return redis.Redis(host="nest-index.internal", port=6379, ssl=False, password=password_for("gulls"))
