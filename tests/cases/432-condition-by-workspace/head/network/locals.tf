locals {
  peered = { prod = local.is_open, dev = true }
  sizes  = { prod = 3, dev = 1 }
}

locals {
  is_open = var.is_open
}

variable "is_open" {
  type = bool
}
