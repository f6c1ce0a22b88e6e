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

resource "azurerm_virtual_network" "search" {
  name                = "search"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.30.0.0/16"]
}

resource "azurerm_virtual_network" "far" {
  name                = "far-west"
  resource_group_name = "rg-net"
  location            = "westus"
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_virtual_network" "billing" {
  name                = "billing"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.50.0.0/16"]
}

resource "azurerm_network_manager" "this" {
  name                = "manager"
  resource_group_name = "rg-net"
  location            = "westeurope"
  scope_accesses      = ["Connectivity"]
  scope {
    subscription_ids = ["/subscriptions/11111111-2222-3333-4444-555555555555"]
  }
}

resource "azurerm_network_manager_network_group" "shop" {
  name               = "shop"
  network_manager_id = azurerm_network_manager.this.id
}

resource "azurerm_network_manager_connectivity_configuration" "mesh" {
  name                  = "shop-mesh"
  network_manager_id    = azurerm_network_manager.this.id
  connectivity_topology = "Mesh"
  applies_to_group {
    group_connectivity = "None"
    network_group_id   = azurerm_network_manager_network_group.shop.id
  }
}

resource "azurerm_network_manager_static_member" "orders" {
  name                      = "orders"
  network_group_id          = azurerm_network_manager_network_group.shop.id
  target_virtual_network_id = azurerm_virtual_network.orders.id
}

resource "azurerm_network_manager_static_member" "ledger" {
  name                      = "ledger"
  network_group_id          = azurerm_network_manager_network_group.shop.id
  target_virtual_network_id = azurerm_virtual_network.ledger.id
}

resource "azurerm_network_manager_static_member" "far" {
  name                      = "far"
  network_group_id          = azurerm_network_manager_network_group.shop.id
  target_virtual_network_id = azurerm_virtual_network.far.id
}

resource "azurerm_network_manager_deployment" "weu" {
  network_manager_id = azurerm_network_manager.this.id
  location           = "West Europe"
  scope_access       = "Connectivity"
  configuration_ids  = [azurerm_network_manager_connectivity_configuration.mesh.id]
}

resource "azurerm_network_manager_deployment" "wus" {
  network_manager_id = azurerm_network_manager.this.id
  location           = "westus"
  scope_access       = "Connectivity"
  configuration_ids  = [azurerm_network_manager_connectivity_configuration.mesh.id]
}
