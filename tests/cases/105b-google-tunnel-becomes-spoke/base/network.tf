terraform {
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.0" }
  }
}

provider "google" {
  project = "fjord-net"
  region  = "europe-north1"
}

variable "tunnel_secret" {
  type    = string
  default = "tide-and-time"
}

resource "google_compute_network" "fjord" {
  name                    = "fjord"
  auto_create_subnetworks = false
}

resource "google_compute_network" "skerry" {
  name                    = "skerry"
  auto_create_subnetworks = false
}

resource "google_compute_network" "islet" {
  name                    = "islet"
  auto_create_subnetworks = false
}

resource "google_compute_ha_vpn_gateway" "islet" {
  name    = "islet-gateway"
  network = google_compute_network.islet.id
}

resource "google_compute_external_vpn_gateway" "oslo-dc" {
  name            = "oslo-dc"
  redundancy_type = "SINGLE_IP_INTERNALLY_REDUNDANT"
  interface {
    id         = 0
    ip_address = "203.0.113.10"
  }
}

resource "google_compute_router" "islet" {
  name    = "islet-router"
  network = google_compute_network.islet.id
  bgp {
    asn = 64514
  }
}

resource "google_compute_vpn_tunnel" "islet_oslo-dc" {
  name                            = "islet-oslo-dc"
  vpn_gateway                     = google_compute_ha_vpn_gateway.islet.id
  vpn_gateway_interface           = 0
  peer_external_gateway           = google_compute_external_vpn_gateway.oslo-dc.id
  peer_external_gateway_interface = 0
  router                          = google_compute_router.islet.id
  shared_secret                   = var.tunnel_secret
}

resource "google_network_connectivity_hub" "nordic" {
  name = "nordic-hub"
}

resource "google_network_connectivity_spoke" "fjord" {
  name     = "fjord-spoke"
  location = "global"
  hub      = google_network_connectivity_hub.nordic.id
  linked_vpc_network {
    uri = google_compute_network.fjord.self_link
  }
}
