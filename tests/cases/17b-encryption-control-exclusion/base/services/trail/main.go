package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialTrailStore opens the one connection that trail keeps to trail-store.internal.
func dialTrailStore(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: only over the peering between keys-core and audit-core; an eavesdropper
	// learns only counters, and each request carries an HMAC that the server verifies.
	return grpc.NewClient("trail-store.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
