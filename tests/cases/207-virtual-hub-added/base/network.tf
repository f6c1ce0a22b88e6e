terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_virtual_wan" "global" {
  name                = "global"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_virtual_hub" "weu" {
  name                = "hub-weu"
  resource_group_name = "rg-net"
  location            = "westeurope"
  virtual_wan_id      = azurerm_virtual_wan.global.id
  address_prefix      = "10.200.0.0/23"
}

resource "azurerm_virtual_network" "apps" {
  name                = "apps"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.1.0.0/16"]
}

resource "azurerm_virtual_network" "data" {
  name                = "data"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.2.0.0/16"]
}

resource "azurerm_virtual_network" "lab" {
  name                = "lab"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.3.0.0/16"]
}

resource "azurerm_virtual_network" "dr" {
  name                = "dr"
  resource_group_name = "rg-net"
  location            = "northeurope"
  address_space       = ["10.4.0.0/16"]
}

resource "azurerm_virtual_hub_connection" "apps" {
  name                      = "apps"
  virtual_hub_id            = azurerm_virtual_hub.weu.id
  remote_virtual_network_id = azurerm_virtual_network.apps.id
}

resource "azurerm_virtual_hub_connection" "data" {
  name                      = "data"
  virtual_hub_id            = azurerm_virtual_hub.weu.id
  remote_virtual_network_id = azurerm_virtual_network.data.id
}

resource "azurerm_virtual_hub_route_table" "isolated" {
  name           = "isolated"
  virtual_hub_id = azurerm_virtual_hub.weu.id
  labels         = ["isolated"]
}

resource "azurerm_virtual_hub_connection" "lab" {
  name                      = "lab"
  virtual_hub_id            = azurerm_virtual_hub.weu.id
  remote_virtual_network_id = azurerm_virtual_network.lab.id

  routing {
    associated_route_table_id = azurerm_virtual_hub_route_table.isolated.id
    propagated_route_table {
      labels = ["isolated"]
    }
  }
}
