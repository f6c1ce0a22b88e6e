terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_virtual_network" "orders" {
  name                = "orders"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.10.0.0/16"]
}

resource "azurerm_virtual_network" "ledger" {
  name                = "ledger"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.20.0.0/16"]
}

resource "azurerm_virtual_network" "billing" {
  name                = "billing"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.30.0.0/16"]
}

resource "azurerm_virtual_network_peering" "orders_to_ledger" {
  name                      = "orders-to-ledger"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.orders.name
  remote_virtual_network_id = azurerm_virtual_network.ledger.id
}
