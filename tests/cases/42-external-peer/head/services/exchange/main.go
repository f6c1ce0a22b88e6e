package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialExchangePartner opens the one connection that exchange keeps to exchange-partner.internal.
func dialExchangePartner(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: only over the peering prod-partner-x; records are already encrypted at
	// the application layer, and the caller authenticates with SCRAM.
	return grpc.NewClient("exchange-partner.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
