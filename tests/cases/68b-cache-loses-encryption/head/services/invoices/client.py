"""Client of invoice-cache.internal for invoices."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: both ends run in the billing VPC; disclosure of queue depths is
    # accepted in threat model TM-14, and callers present a short-lived token.
    return redis.Redis(host="invoice-cache.internal", port=6379, ssl=False, password=password_for("invoices"))
