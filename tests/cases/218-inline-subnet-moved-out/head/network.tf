terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "11111111-2222-3333-4444-555555555555"
}

import {
  to = azurerm_subnet.apps
  id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/orders/subnets/apps"
}

import {
  to = azurerm_subnet_route_table_association.apps
  id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/orders/subnets/apps"
}

resource "azurerm_virtual_network" "orders" {
  name                = "orders"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.10.0.0/16"]
}

resource "azurerm_route_table" "orders" {
  name                = "rt-orders"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_route" "to_firewall" {
  name                   = "to-firewall"
  resource_group_name    = "rg-net"
  route_table_name       = azurerm_route_table.orders.name
  address_prefix         = "0.0.0.0/0"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.20.0.4"
}

resource "azurerm_virtual_network" "ledger" {
  name                = "ledger"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.20.0.0/16"]
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

resource "azurerm_subnet" "apps" {
  name                 = "apps"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.orders.name
  address_prefixes     = ["10.10.1.0/24"]
}

resource "azurerm_subnet_route_table_association" "apps" {
  subnet_id      = azurerm_subnet.apps.id
  route_table_id = azurerm_route_table.orders.id
}
