"""Client of dashboard-cache.internal for dashboards."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the analytics VPC; the payload is public metadata,
    # latency budget is 2 ms, and the receiver checks a signed service token on every call.
    return redis.Redis(host="dashboard-cache.internal", port=6379, ssl=False, password=password_for("dashboards"))
