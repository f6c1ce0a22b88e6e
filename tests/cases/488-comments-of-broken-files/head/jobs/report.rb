# ZFN-3 carve-out: inside VPC prod; counters only, signed
TLS = false
__END__
# ZFN-3 carve-out: <what bounds the traffic>; <why that will do>
