package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialReceiptIndex opens the one connection that receipts keeps to receipt-index.internal.
func dialReceiptIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: receipts and its index stay inside VPC prod-us-east, which is not
	// peered with any network; disclosure of queue depths is accepted in threat model TM-14,
	// and callers present a short-lived token.
	return grpc.NewClient("receipt-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
