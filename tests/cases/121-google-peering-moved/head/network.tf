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

module "peerings" {
  source = "./peerings"
  pairs = {
    out  = ["fjord-skerry", google_compute_network.fjord.self_link, google_compute_network.skerry.self_link]
    back = ["skerry-fjord", google_compute_network.skerry.self_link, google_compute_network.fjord.self_link]
  }
}

moved {
  from = google_compute_network_peering.fjord_skerry
  to   = module.peerings.google_compute_network_peering.this["out"]
}

moved {
  from = google_compute_network_peering.skerry_fjord
  to   = module.peerings.google_compute_network_peering.this["back"]
}
