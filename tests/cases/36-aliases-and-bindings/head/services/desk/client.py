"""Client of desk-cache.internal for desk."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: everything stays in the back office; an eavesdropper learns only
    # counters, and each request carries an HMAC that the server verifies.
    return redis.Redis(host="desk-cache.internal", port=6379, ssl=False, password=password_for("desk"))
