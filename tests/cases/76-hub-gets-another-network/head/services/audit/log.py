# ZFN-3 carve-out: stays on the transit gateway core; the log holds no secret
LOG = "http://log.internal"
