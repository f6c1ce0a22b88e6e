"""Client of profile-cache.internal for residency."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: profiles stay inside VNet core in westeurope; the payload is public
    # metadata, latency budget is 2 ms, and the receiver checks a signed service token on
    # every call.
    return redis.Redis(host="profile-cache.internal", port=6379, ssl=False, password=password_for("residency"))
