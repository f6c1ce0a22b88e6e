"""Client of quiet-cache.internal for quiet."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in VPC prod-us-east, which is not peered with any
    # network; records are already encrypted at the application layer, and the caller
    # authenticates with SCRAM.
    return redis.Redis(host="quiet-cache.internal", port=6379, ssl=False, password=password_for("quiet"))
