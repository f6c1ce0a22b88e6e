"""Client of card-cache.internal for authorize."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: authorize and its cache run inside VPC payments; an eavesdropper
    # learns only counters, and each request carries an HMAC that the server verifies.
    return redis.Redis(host="card-cache.internal", port=6379, ssl=False, password=password_for("authorize"))
