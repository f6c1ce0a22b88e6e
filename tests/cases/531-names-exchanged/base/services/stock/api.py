# ZFN-3 carve-out: never leaves VPC green; stock levels are no secret, and the
# caller shows a token.
URL = "http://stock:8080"
