terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_virtual_network" "vault" {
  name                = "vault"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.10.0.0/16"]
}

resource "azurerm_virtual_network" "keys" {
  name                = "keys"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.20.0.0/16"]
  encryption {
    enforcement = "AllowUnencrypted"
  }
}

resource "azurerm_virtual_network_peering" "vault_to_keys" {
  name                      = "vault-to-keys"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.vault.name
  remote_virtual_network_id = azurerm_virtual_network.keys.id
}

resource "azurerm_virtual_network_peering" "keys_to_vault" {
  name                      = "keys-to-vault"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.keys.name
  remote_virtual_network_id = azurerm_virtual_network.vault.id
}
