# ZFN-3 carve-out: inside VPC hr; signed messages, nothing confidential.
url = "http://queue.hr.internal"
