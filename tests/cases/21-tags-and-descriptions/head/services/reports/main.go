package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialReportIndex opens the one connection that reports keeps to report-index.internal.
func dialReportIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: only over the peering between prod-us-east and analytics; contents are
	// rebuilt from public data nightly, and the server demands a per-service password.
	return grpc.NewClient("report-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
