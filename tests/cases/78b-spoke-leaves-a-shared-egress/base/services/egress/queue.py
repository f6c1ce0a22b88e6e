# ZFN-3 carve-out: inside VPC egress; signed messages, nothing confidential.
url = "http://queue.egress.internal"
