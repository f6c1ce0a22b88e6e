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

resource "google_compute_network" "sound" {
  name                    = "sound"
  auto_create_subnetworks = false
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

resource "google_compute_network_peering" "fjord_skerry" {
  name         = "fjord-skerry"
  network      = google_compute_network.fjord.self_link
  peer_network = google_compute_network.skerry.self_link
}
