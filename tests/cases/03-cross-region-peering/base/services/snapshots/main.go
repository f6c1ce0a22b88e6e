package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialSnapshotStore opens the one connection that snapshots keeps to snapshot-store.internal.
func dialSnapshotStore(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: only over the peering between prod-us-east and backup-us-west,
	// encrypted by AWS between regions; the payload is public metadata, latency budget is 2
	// ms, and the receiver checks a signed service token on every call.
	return grpc.NewClient("snapshot-store.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
