terraform {
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.0" }
  }
}

provider "google" {
  project = "host"
  region  = "europe-north1"
}

resource "google_project" "host" {
  name       = "host"
  project_id = "host"
  org_id     = "123456789012"
}

resource "google_project" "p9" {
  name       = "p9"
  project_id = "p9"
  org_id     = "123456789012"
}

resource "google_compute_network" "fjord" {
  name                    = "fjord"
  auto_create_subnetworks = false
  project                 = google_project.host.project_id
}

resource "google_compute_network" "skerry" {
  name                    = "skerry"
  auto_create_subnetworks = false
  project                 = google_project.host.project_id
}

resource "google_compute_network" "cove" {
  name                    = "cove"
  auto_create_subnetworks = false
  project                 = google_project.p9.project_id
}

resource "google_compute_shared_vpc_host_project" "host" {
  project = google_project.host.project_id
}

resource "google_compute_shared_vpc_service_project" "p9" {
  host_project    = google_project.host.project_id
  service_project = google_project.p9.project_id
}
