package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialCastleIndex opens the one connection that castle keeps to castle-index.internal.
func dialCastleIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: castle and its index stay inside VPC sandpit; records are already
	// encrypted at the application layer, and the caller authenticates with SCRAM.
	return grpc.NewClient("castle-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
