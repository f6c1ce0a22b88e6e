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

resource "google_access_context_manager_service_perimeter" "vault" {
  parent                    = "accessPolicies/987654321"
  name                      = "accessPolicies/987654321/servicePerimeters/vault"
  title                     = "vault"
  use_explicit_dry_run_spec = true
  status {
    restricted_services = ["bigquery.googleapis.com", "storage.googleapis.com"]
    resources           = ["projects/111111111111", "projects/222222222222"]
  }
  spec {
    restricted_services = ["bigquery.googleapis.com"]
    resources           = ["projects/111111111111"]
  }
}

resource "google_compute_network" "skerry" {
  name                    = "skerry"
  auto_create_subnetworks = false
}

resource "google_access_context_manager_service_perimeter_dry_run_resource" "p3" {
  perimeter_name = google_access_context_manager_service_perimeter.vault.name
  resource       = "projects/333333333333"
}
