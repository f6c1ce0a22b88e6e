package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialHermitIndex opens the one connection that hermit keeps to hermit-index.internal.
func dialHermitIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: both ends run in VPC lonely; the payload is public metadata, latency
	// budget is 2 ms, and the receiver checks a signed service token on every call.
	return grpc.NewClient("hermit-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
