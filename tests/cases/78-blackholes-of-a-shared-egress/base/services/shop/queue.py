# ZFN-3 carve-out: inside VPC shop; signed messages, nothing confidential.
url = "http://queue.shop.internal"
