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
  parent = "accessPolicies/987654321"
  name   = "accessPolicies/987654321/servicePerimeters/vault"
  title  = "vault"
  status {
    restricted_services = ["bigquery.googleapis.com", "storage.googleapis.com"]
    resources           = ["projects/111111111111"]
  }
  lifecycle {
    ignore_changes = [status[0].resources]
  }
}

resource "google_access_context_manager_service_perimeter_resource" "p2" {
  perimeter_name = google_access_context_manager_service_perimeter.vault.name
  resource       = "projects/222222222222"
}
