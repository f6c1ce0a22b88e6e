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

resource "google_redis_instance" "tides" {
  name                    = "tides"
  memory_size_gb          = 5
  authorized_network      = google_compute_network.fjord.id
  auth_enabled            = true
  transit_encryption_mode = "DISABLED"
}
