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
    restricted_services = ["bigquery.googleapis.com"]
    resources           = ["projects/${google_project.till.number}", "projects/222222222222"]
  }
}

resource "google_project" "till" {
  name       = "till"
  project_id = "till"
  org_id     = "123456789012"
}

resource "google_compute_network" "sound" {
  name                    = "sound"
  auto_create_subnetworks = false
  project                 = "till"
}
