package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialMockApi opens the one connection that playground keeps to mock-api.internal.
func dialMockApi(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: playground calls its mock inside VPC dev-sandbox; records are already
	// encrypted at the application layer, and the caller authenticates with SCRAM.
	return grpc.NewClient("mock-api.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
