terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "11111111-2222-3333-4444-555555555555"
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

resource "azurerm_subnet" "orders" {
  name                 = "orders"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.orders.name
  address_prefixes     = ["10.10.1.0/24"]
}

resource "azurerm_subnet" "ledger" {
  name                 = "ledger"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.ledger.name
  address_prefixes     = ["10.20.1.0/24"]
}

resource "azurerm_virtual_network_peering" "orders_to_billing" {
  name                      = "orders-to-billing"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.orders.name
  remote_virtual_network_id = azurerm_virtual_network.billing.id
}

resource "azurerm_virtual_network_peering" "billing_to_orders" {
  name                      = "billing-to-orders"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.billing.name
  remote_virtual_network_id = azurerm_virtual_network.orders.id
}

resource "azurerm_virtual_network_peering" "orders_to_ledger" {
  name                      = "orders-to-ledger"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.orders.name
  remote_virtual_network_id = azurerm_virtual_network.ledger.id
}

resource "azurerm_virtual_network_peering" "ledger_to_orders" {
  name                      = "ledger-to-orders"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.ledger.name
  remote_virtual_network_id = azurerm_virtual_network.orders.id
}
