package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialReplicaStore opens the one connection that replica keeps to replica-store.internal.
func dialReplicaStore(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: only over the peering between prod-us-east and dr-site, encrypted by
	// AWS between regions; contents are rebuilt from public data nightly, and the server
	// demands a per-service password.
	return grpc.NewClient("replica-store.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
