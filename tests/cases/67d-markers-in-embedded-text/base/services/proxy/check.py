# This is the ZFN-3 carve-out: both ends run in VPC prod; scores are not secret
call("http://scores")
EXAMPLE = "ZFN-3 carve-out: in VPC prod; a text and no comment"
