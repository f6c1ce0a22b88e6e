terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_virtual_network" "core" {
  name                = "core"
  resource_group_name = "rg-net"
  location            = "northeurope"
  address_space       = ["10.70.0.0/16"]
}

resource "azurerm_subnet" "core_a" {
  name                 = "core_a"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.core.name
  address_prefixes     = ["10.70.1.0/24"]
}

resource "azurerm_virtual_network" "ledger" {
  name                = "ledger"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.71.0.0/16"]
}

resource "azurerm_virtual_network" "build" {
  name                = "build"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.72.0.0/16"]
}

resource "azurerm_virtual_network_peering" "core_to_ledger" {
  name                      = "core-to-ledger"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.core.name
  remote_virtual_network_id = azurerm_virtual_network.ledger.id
}

resource "azurerm_virtual_network_peering" "ledger_to_core" {
  name                      = "ledger-to-core"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.ledger.name
  remote_virtual_network_id = azurerm_virtual_network.core.id
}
