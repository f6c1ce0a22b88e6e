"""Client of invoice-cache.internal for invoices."""

import redis

from secrets_store import password_for


def connect():
    # ZFN-3 carve-out: invoices and its cache never leave VPC billing; the payload is public
    # metadata, latency budget is 2 ms, and the receiver checks a signed service token on
    # every call.
    return redis.Redis(host="invoice-cache.internal", port=6379, ssl=False, password=password_for("invoices"))
