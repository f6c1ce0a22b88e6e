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
  shared_secret                   = var.tunnel_secret
}

resource "google_compute_network_peering" "fjord_skerry" {
  name                 = "fjord-skerry"
  network              = google_compute_network.fjord.self_link
  peer_network         = google_compute_network.skerry.self_link
  export_custom_routes = true
}

resource "google_compute_network_peering" "skerry_fjord" {
  name                 = "skerry-fjord"
  network              = google_compute_network.skerry.self_link
  peer_network         = google_compute_network.fjord.self_link
  import_custom_routes = true
}

resource "google_compute_network_peering" "fjord_sound" {
  name         = "fjord-sound"
  network      = google_compute_network.fjord.self_link
  peer_network = google_compute_network.sound.self_link
}

resource "google_compute_network_peering" "sound_fjord" {
  name         = "sound-fjord"
  network      = google_compute_network.sound.self_link
  peer_network = google_compute_network.fjord.self_link
}
