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
  network       = google_compute_network.fjord.id
  region        = "europe-north1"
  ip_cidr_range = "10.1.0.0/20"
}

resource "google_compute_subnetwork" "handover" {
  name          = "handover"
  network       = google_compute_network.fjord.id
  region        = "europe-north1"
  ip_cidr_range = "10.1.16.0/24"
  purpose       = "PRIVATE_SERVICE_CONNECT"
}

resource "google_compute_forwarding_rule" "rates" {
  name                  = "rates"
  load_balancing_scheme = "INTERNAL"
  backend_service       = google_compute_region_backend_service.rates.id
  all_ports             = true
  network               = google_compute_network.fjord.id
  subnetwork            = google_compute_subnetwork.quay.id
}

resource "google_compute_region_backend_service" "rates" {
  name                  = "rates"
  protocol              = "TCP"
  load_balancing_scheme = "INTERNAL"
}

resource "google_compute_service_attachment" "rates" {
  name                  = "rates-attachment"
  connection_preference = "ACCEPT_MANUAL"
  enable_proxy_protocol = false
  nat_subnets           = [google_compute_subnetwork.handover.id]
  target_service        = google_compute_forwarding_rule.rates.id
}
