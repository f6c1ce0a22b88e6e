"""Client of lease-cache.internal for lease."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the vault-core VPC; records are already encrypted at
    # the application layer, and the caller authenticates with SCRAM.
    return redis.Redis(host="lease-cache.internal", port=6379, ssl=False, password=password_for("lease"))
