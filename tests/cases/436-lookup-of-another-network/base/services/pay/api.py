# ZFN-3 carve-out: never leaves VPC pay-prod; sums only, signed
PAY = "http://pay.internal:8080"
