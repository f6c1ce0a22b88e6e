package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialTapeIndex opens the one connection that tape keeps to tape-index.internal.
func dialTapeIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: tape and its index run inside VPC archive; the payload is public
	// metadata, latency budget is 2 ms, and the receiver checks a signed service token on
	// every call.
	return grpc.NewClient("tape-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
