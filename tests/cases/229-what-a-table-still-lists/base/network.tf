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

resource "azurerm_subnet" "billing" {
  name                 = "billing"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.billing.name
  address_prefixes     = ["10.30.1.0/24"]
}

resource "azurerm_route_table" "orders" {
  name                = "rt-orders"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_subnet_route_table_association" "orders" {
  subnet_id      = azurerm_subnet.orders.id
  route_table_id = azurerm_route_table.orders.id
}

resource "azurerm_route_table" "ledger" {
  name                = "rt-ledger"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_subnet_route_table_association" "ledger" {
  subnet_id      = azurerm_subnet.ledger.id
  route_table_id = azurerm_route_table.ledger.id
}

resource "azurerm_route_table" "billing" {
  name                = "rt-billing"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_subnet_route_table_association" "billing" {
  subnet_id      = azurerm_subnet.billing.id
  route_table_id = azurerm_route_table.billing.id
}

resource "azurerm_route" "orders_out" {
  name                   = "orders-out"
  resource_group_name    = "rg-net"
  route_table_name       = azurerm_route_table.orders.name
  address_prefix         = "0.0.0.0/0"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.99.0.4"
}

resource "azurerm_route" "ledger_out" {
  name                   = "ledger-out"
  resource_group_name    = "rg-net"
  route_table_name       = azurerm_route_table.ledger.name
  address_prefix         = "0.0.0.0/0"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.99.0.4"
}

resource "azurerm_route" "billing_out" {
  name                   = "billing-out"
  resource_group_name    = "rg-net"
  route_table_name       = azurerm_route_table.billing.name
  address_prefix         = "0.0.0.0/0"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.99.0.4"
}
