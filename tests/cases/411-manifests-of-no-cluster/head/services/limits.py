# ZFN-3 carve-out: calls stay inside namespace payments; they carry public metadata, and each is signed.
URL = "http://limits.payments"
