package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialBenchPeer opens the one connection that bench keeps to bench-peer.internal.
func dialBenchPeer(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: bench and its peer run in aws_vpc.lab; exposure to an on-path reader
	// was accepted in review TM-31, and the receiver authenticates every batch by its
	// signature.
	return grpc.NewClient("bench-peer.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
