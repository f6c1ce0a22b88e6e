package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialBuildCache opens the one connection that runner keeps to build-cache.internal.
func dialBuildCache(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: runner and build-cache share VPC ci-runners, vpc-d7c5562c737389a38;
	// disclosure of queue depths is accepted in threat model TM-14, and callers present a
	// short-lived token.
	return grpc.NewClient("build-cache.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
