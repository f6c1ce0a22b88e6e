# ZFN-3 carve-out: stays inside VPC tools; build logs hold no secret
LOGS = "http://logs.tools.internal"
