package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialCubeIndex opens the one connection that cube keeps to cube-index.internal.
func dialCubeIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: both ends run in the analytics-hub VPC; disclosure of queue depths is
	// accepted in threat model TM-14, and callers present a short-lived token.
	return grpc.NewClient("cube-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
