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
  mtu                     = 1500
}

resource "google_compute_network" "skerry" {
  name                    = "skerry"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "quay" {
  name          = "quay"
  network       = google_compute_network.fjord.id
  region        = "europe-north1"
  ip_cidr_range = "10.1.0.0/20"
  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
  }
}

resource "google_compute_ha_vpn_gateway" "fjord" {
  name    = "fjord-gateway"
  network = google_compute_network.fjord.id
}

resource "google_compute_external_vpn_gateway" "oslo-dc" {
  name            = "oslo-dc"
  redundancy_type = "SINGLE_IP_INTERNALLY_REDUNDANT"
  interface {
    id         = 0
    ip_address = "203.0.113.10"
  }
}

resource "google_compute_router" "fjord" {
  name    = "fjord-router"
  network = google_compute_network.fjord.id
  bgp {
    asn = 64514
  }
}

resource "google_compute_vpn_tunnel" "fjord_oslo-dc" {
  name                            = "fjord-oslo-dc"
  vpn_gateway                     = google_compute_ha_vpn_gateway.fjord.id
  vpn_gateway_interface           = 0
  peer_external_gateway           = google_compute_external_vpn_gateway.oslo-dc.id
  peer_external_gateway_interface = 0
  router                          = google_compute_router.fjord.id
  labels                          = { team = "harbour" }
  shared_secret                   = var.tunnel_secret
}

resource "google_compute_router_interface" "fjord" {
  name       = "fjord-if"
  router     = google_compute_router.fjord.name
  region     = "europe-north1"
  ip_range   = "169.254.0.1/30"
  vpn_tunnel = google_compute_vpn_tunnel.fjord_oslo-dc.name
}

resource "google_compute_router_peer" "fjord" {
  name      = "fjord-peer"
  router    = google_compute_router.fjord.name
  region    = "europe-north1"
  peer_asn  = 64515
  interface = google_compute_router_interface.fjord.name
  bfd {
    session_initialization_mode = "ACTIVE"
    min_transmit_interval       = 500
  }
}

resource "google_compute_router_nat" "fjord" {
  name                               = "fjord-nat"
  router                             = google_compute_router.fjord.name
  region                             = "europe-north1"
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
  min_ports_per_vm                   = 128
}
