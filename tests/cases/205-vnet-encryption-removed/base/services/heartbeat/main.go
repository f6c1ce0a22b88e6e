package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialSidecar opens the one connection that heartbeat keeps to 127.0.0.1.
func dialSidecar(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: loopback only, both processes run in the same pod; disclosure of queue
	// depths is accepted in threat model TM-14, and callers present a short-lived token.
	return grpc.NewClient("127.0.0.1:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
