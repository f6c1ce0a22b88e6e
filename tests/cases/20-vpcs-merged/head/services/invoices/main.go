package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialInvoiceIndex opens the one connection that invoices keeps to invoice-index.internal.
func dialInvoiceIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: both ends run in the billing VPC; disclosure of queue depths is
	// accepted in threat model TM-14, and callers present a short-lived token.
	return grpc.NewClient("invoice-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
