"""Client of profile-cache.internal for residency."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: profiles stay inside VPC core in eu-west-1; exposure to an on-path
    # reader was accepted in review TM-31, and the receiver authenticates every batch by its
    # signature.
    return redis.Redis(host="profile-cache.internal", port=6379, ssl=False, password=password_for("residency"))
