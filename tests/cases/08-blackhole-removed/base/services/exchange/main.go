package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialExchangeQueue opens the one connection that exchange keeps to exchange-queue.internal.
func dialExchangeQueue(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: exchange and its queue stay inside aws_vpc.partners; contents are
	// rebuilt from public data nightly, and the server demands a per-service password.
	return grpc.NewClient("exchange-queue.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
