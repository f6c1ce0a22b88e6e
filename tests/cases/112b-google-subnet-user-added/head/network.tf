terraform {
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.0" }
  }
}

provider "google" {
  project = "host"
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

resource "google_compute_subnetwork_iam_member" "till" {
  subnetwork = google_compute_subnetwork.quay.name
  region     = "europe-north1"
  role       = "roles/compute.networkUser"
  member     = "serviceAccount:till@p9.iam.gserviceaccount.com"
}

resource "google_compute_subnetwork_iam_member" "auditor" {
  subnetwork = google_compute_subnetwork.quay.name
  region     = "europe-north1"
  role       = "roles/compute.networkViewer"
  member     = "group:audit@fjord.example"
}
