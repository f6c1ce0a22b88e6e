package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialLedger opens the one connection that ledger-sync keeps to ledger.oslo-dc.internal.
func dialLedger(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: only over the interconnect attachment vlan-fjord, which MACsec
	// encrypts; the payload is public metadata, latency budget is 2 ms, and the receiver
	// checks a signed service token on every call.
	return grpc.NewClient("ledger.oslo-dc.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
