locals {
  peered = { prod = false, dev = true }
  sizes  = { prod = 3, dev = 1 }
}
