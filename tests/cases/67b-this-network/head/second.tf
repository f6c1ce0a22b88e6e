module "n" {
  source = "./mod"
  name   = "n"
  # ZFN-3 carve-out: traffic stays in this network; the threat model
  # allows it.
  providers = { aws = aws }
}
