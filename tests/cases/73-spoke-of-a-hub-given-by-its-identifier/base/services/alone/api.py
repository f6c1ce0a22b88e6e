# ZFN-3 carve-out: stays inside VPC alone; nothing in it is secret
ALONE = "http://alone.internal"
