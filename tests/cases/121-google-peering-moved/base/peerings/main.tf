variable "pairs" { type = map(list(string)) }

resource "google_compute_network_peering" "this" {
  for_each     = var.pairs
  name         = each.value[0]
  network      = each.value[1]
  peer_network = each.value[2]
}
