"""Client of report-cache.internal for reports."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the data VNet; exposure to an on-path reader was
    # accepted in review TM-31, and the receiver authenticates every batch by its signature.
    return redis.Redis(host="report-cache.internal", port=6379, ssl=False, password=password_for("reports"))
