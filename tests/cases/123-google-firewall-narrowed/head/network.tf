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

resource "google_compute_firewall" "inside" {
  name          = "inside"
  network       = google_compute_network.fjord.name
  source_ranges = ["10.1.0.0/16"]
  allow {
    protocol = "tcp"
  }
}
