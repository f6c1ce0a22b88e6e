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

resource "google_compute_subnetwork" "quay" {
  name          = "quay"
  network       = google_compute_network.fjord.id
  region        = "europe-north1"
  ip_cidr_range = "10.1.0.0/20"
}

resource "google_compute_subnetwork" "pier" {
  name          = "pier"
  network       = google_compute_network.fjord.id
  region        = "us-central1"
  ip_cidr_range = "10.2.0.0/20"
}

resource "google_compute_network" "skerry" {
  name                    = "skerry"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "reef" {
  name          = "reef"
  network       = google_compute_network.skerry.id
  region        = "europe-north1"
  ip_cidr_range = "10.3.0.0/20"
}
