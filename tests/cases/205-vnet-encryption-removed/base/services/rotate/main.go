package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialRotation opens the one connection that rotate keeps to rotation.internal.
func dialRotation(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: rotate and rotation run inside VNet keys; records are already encrypted
	// at the application layer, and the caller authenticates with SCRAM.
	return grpc.NewClient("rotation.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
