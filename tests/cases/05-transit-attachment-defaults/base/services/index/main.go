package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialShards opens the one connection that index keeps to shards.internal.
func dialShards(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: shard traffic never leaves aws_vpc.search; an eavesdropper learns only
	// counters, and each request carries an HMAC that the server verifies.
	return grpc.NewClient("shards.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
