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

resource "google_compute_network" "islet" {
  name                    = "islet"
  auto_create_subnetworks = false
}

resource "google_network_connectivity_hub" "nordic" {
  name            = "nordic-hub"
  preset_topology = "MESH"
}

resource "google_network_connectivity_spoke" "fjord" {
  name     = "fjord-spoke"
  location = "global"
  hub      = google_network_connectivity_hub.nordic.id
  group    = "default"
  linked_vpc_network {
    uri = google_compute_network.fjord.self_link
  }
}

resource "google_network_connectivity_spoke" "skerry" {
  name     = "skerry-spoke"
  location = "global"
  hub      = google_network_connectivity_hub.nordic.id
  group    = "default"
  linked_vpc_network {
    uri = google_compute_network.skerry.self_link
  }
}

resource "google_network_connectivity_spoke" "sound" {
  name     = "sound-spoke"
  location = "global"
  hub      = google_network_connectivity_hub.nordic.id
  group    = "default"
  linked_vpc_network {
    uri = google_compute_network.sound.self_link
  }
}
