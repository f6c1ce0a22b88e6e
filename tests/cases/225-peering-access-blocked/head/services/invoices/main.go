package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialTax opens the one connection that invoices keeps to tax.internal.
func dialTax(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: invoices and tax never leave VNet billing; exposure to an on-path
	// reader was accepted in review TM-31, and the receiver authenticates every batch by its
	// signature.
	return grpc.NewClient("tax.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
