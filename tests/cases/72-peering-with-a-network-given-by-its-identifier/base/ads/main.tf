provider "google" { project = "ads" }

resource "google_compute_network" "ads" {
  name                    = "ads"
  auto_create_subnetworks = false
}
