# ZFN-3 carve-out: inside VPC blue, no internet gateway; rates are public and
# every answer is signed.
URL = "http://rates:8080"
