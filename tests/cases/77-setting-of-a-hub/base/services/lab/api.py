# ZFN-3 carve-out: stays inside VPC lab; it holds samples only
LAB = "http://lab.internal"
