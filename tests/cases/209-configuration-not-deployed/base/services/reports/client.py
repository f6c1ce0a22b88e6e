"""Client of report-cache.internal for reports."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the ledger VNet; the payload is public metadata,
    # latency budget is 2 ms, and the receiver checks a signed service token on every call.
    return redis.Redis(host="report-cache.internal", port=6379, ssl=False, password=password_for("reports"))
