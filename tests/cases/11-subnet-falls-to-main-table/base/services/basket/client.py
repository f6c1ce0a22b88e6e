"""Client of basket-cache.internal for basket."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends are in vpc-94a0766b2173f2044; the payload is public metadata,
    # latency budget is 2 ms, and the receiver checks a signed service token on every call.
    return redis.Redis(host="basket-cache.internal", port=6379, ssl=False, password=password_for("basket"))
