package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialTideStore opens the one connection that tides keeps to tide-store.internal.
func dialTideStore(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: both ends run in the VPC sound; the payload is public metadata, latency
	// budget is 2 ms, and the receiver checks a signed service token on every call.
	return grpc.NewClient("tide-store.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
