"""Client of tide-store.internal for tides."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the VPC sound; records are already encrypted at the
    # application layer, and the caller authenticates with SCRAM.
    return redis.Redis(host="tide-store.internal", port=6379, ssl=False, password=password_for("tides"))
