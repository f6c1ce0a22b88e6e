package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// dialSensorsDc opens the one connection that sensor-sync keeps to sensors-dc.internal.
func dialSensorsDc(token tokenSource) (*grpc.ClientConn, error) {
	// ZFN-3 carve-out: crosses only the Direct Connect connection dx-bergen, encrypted with
	// MACsec; the payload is public metadata, latency budget is 2 ms, and the receiver checks
	// a signed service token on every call.
	return grpc.NewClient("sensors-dc.internal:9090",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(token))
}
