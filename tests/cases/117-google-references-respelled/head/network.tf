terraform {
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.0" }
  }
}

provider "google" {
  project = "fjord-net"
  region  = "europe-north1"
}

resource "google_compute_network" "fjord" {
  name                    = "fjord"
  auto_create_subnetworks = false
}

resource "google_compute_network" "skerry" {
  name                    = "skerry"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "quay" {
  name          = "quay"
  network       = google_compute_network.fjord.self_link
  region        = "europe-north1"
  ip_cidr_range = "10.1.0.0/20"
}

resource "google_compute_network_peering" "fjord_skerry" {
  name         = "fjord-skerry"
  network      = google_compute_network.fjord.self_link
  peer_network = google_compute_network.skerry.self_link
}

resource "google_compute_network_peering" "skerry_fjord" {
  name         = "skerry-fjord"
  network      = google_compute_network.skerry.self_link
  peer_network = google_compute_network.fjord.self_link
}

resource "google_compute_router" "fjord" {
  name    = "fjord-router"
  network = google_compute_network.fjord.self_link
  region  = "europe-north1"
}

resource "google_compute_route" "inspect" {
  name        = "inspect"
  network     = google_compute_network.fjord.self_link
  dest_range  = "10.9.0.0/16"
  next_hop_ip = "10.1.0.7"
}
