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

resource "google_compute_interconnect" "ic_oslo" {
  name                 = "ic-oslo"
  customer_name        = "Fjord Lines"
  interconnect_type    = "DEDICATED"
  link_type            = "LINK_TYPE_ETHERNET_10G_LR"
  location             = "https://www.googleapis.com/compute/v1/projects/fjord-net/global/interconnectLocations/oslo-zone1-1"
  requested_link_count = 1
  requested_features   = ["IF_MACSEC"]
  macsec_enabled       = false
  macsec {
    fail_open = false
    pre_shared_keys {
      name = "first"
    }
  }
}

resource "google_compute_interconnect" "ic_bergen" {
  name                 = "ic-bergen"
  customer_name        = "Fjord Lines"
  interconnect_type    = "DEDICATED"
  link_type            = "LINK_TYPE_ETHERNET_10G_LR"
  location             = "https://www.googleapis.com/compute/v1/projects/fjord-net/global/interconnectLocations/bergen-zone1-1"
  requested_link_count = 1
  requested_features   = ["IF_MACSEC"]
  macsec_enabled       = true
  macsec {
    fail_open = false
    pre_shared_keys {
      name = "first"
    }
  }
}

resource "google_compute_router" "fjord" {
  name    = "fjord-router"
  network = google_compute_network.fjord.id
  bgp {
    asn = 16550
  }
}

resource "google_compute_interconnect_attachment" "fjord" {
  name         = "vlan-fjord"
  router       = google_compute_router.fjord.id
  interconnect = google_compute_interconnect.ic_oslo.id
  type         = "DEDICATED"
}

resource "google_compute_router" "skerry" {
  name    = "skerry-router"
  network = google_compute_network.skerry.id
  bgp {
    asn = 16550
  }
}

resource "google_compute_interconnect_attachment" "skerry" {
  name         = "vlan-skerry"
  router       = google_compute_router.skerry.id
  interconnect = google_compute_interconnect.ic_oslo.id
  type         = "DEDICATED"
}

resource "google_compute_router" "sound" {
  name    = "sound-router"
  network = google_compute_network.sound.id
  bgp {
    asn = 16550
  }
}

resource "google_compute_interconnect_attachment" "sound" {
  name         = "vlan-sound"
  router       = google_compute_router.sound.id
  interconnect = google_compute_interconnect.ic_bergen.id
  type         = "DEDICATED"
}
