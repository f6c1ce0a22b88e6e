package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialVoucherIndex opens the one connection that vouchers keeps to voucher-index.internal.
func dialVoucherIndex(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: never leaves its own network; disclosure of queue depths is accepted in
	// threat model TM-14, and callers present a short-lived token.
	return grpc.NewClient("voucher-index.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
