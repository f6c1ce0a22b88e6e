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

resource "google_compute_network" "sound" {
  name                    = "sound"
  auto_create_subnetworks = false
}

resource "google_compute_ha_vpn_gateway" "fjord" {
  name    = "fjord-gateway"
  network = google_compute_network.fjord.id
}

resource "google_compute_ha_vpn_gateway" "skerry" {
  name    = "skerry-gateway"
  network = google_compute_network.skerry.id
}

resource "google_compute_router" "fjord" {
  name    = "fjord-router"
  network = google_compute_network.fjord.id
  bgp {
    asn = 64514
  }
}

resource "google_compute_router" "skerry" {
  name    = "skerry-router"
  network = google_compute_network.skerry.id
  bgp {
    asn = 64514
  }
}

resource "google_compute_vpn_tunnel" "fjord_skerry_0" {
  name                  = "fjord-skerry-0"
  vpn_gateway           = google_compute_ha_vpn_gateway.fjord.id
  vpn_gateway_interface = 0
  peer_gcp_gateway      = google_compute_ha_vpn_gateway.skerry.id
  router                = google_compute_router.fjord.id
  shared_secret         = var.tunnel_secret
}

resource "google_compute_vpn_tunnel" "fjord_skerry_1" {
  name                  = "fjord-skerry-1"
  vpn_gateway           = google_compute_ha_vpn_gateway.fjord.id
  vpn_gateway_interface = 1
  peer_gcp_gateway      = google_compute_ha_vpn_gateway.skerry.id
  router                = google_compute_router.fjord.id
  shared_secret         = var.tunnel_secret
}

resource "google_compute_vpn_tunnel" "skerry_fjord_0" {
  name                  = "skerry-fjord-0"
  vpn_gateway           = google_compute_ha_vpn_gateway.skerry.id
  vpn_gateway_interface = 0
  peer_gcp_gateway      = google_compute_ha_vpn_gateway.fjord.id
  router                = google_compute_router.skerry.id
  shared_secret         = var.tunnel_secret
}

resource "google_compute_vpn_tunnel" "skerry_fjord_1" {
  name                  = "skerry-fjord-1"
  vpn_gateway           = google_compute_ha_vpn_gateway.skerry.id
  vpn_gateway_interface = 1
  peer_gcp_gateway      = google_compute_ha_vpn_gateway.fjord.id
  router                = google_compute_router.skerry.id
  shared_secret         = var.tunnel_secret
}
