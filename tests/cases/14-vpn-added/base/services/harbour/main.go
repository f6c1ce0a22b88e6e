package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialHarbourDc opens the one connection that harbour keeps to harbour-dc.internal.
func dialHarbourDc(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: crosses only the VPN connection fjord-oslo to the datacenter in Oslo;
	// disclosure of queue depths is accepted in threat model TM-14, and callers present a
	// short-lived token.
	return grpc.NewClient("harbour-dc.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
