terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_virtual_network" "hub" {
  name                = "net-hub"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.0.0.0/16"]
}

resource "azurerm_virtual_network" "apps" {
  name                = "spoke-apps"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.1.0.0/16"]
}

resource "azurerm_virtual_network" "data" {
  name                = "spoke-data"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.2.0.0/16"]
}

resource "azurerm_virtual_network" "lab" {
  name                = "spoke-lab"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.3.0.0/16"]
}

resource "azurerm_subnet" "apps" {
  name                 = "apps"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.apps.name
  address_prefixes     = ["10.1.1.0/24"]
}

resource "azurerm_subnet" "data" {
  name                 = "data"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.data.name
  address_prefixes     = ["10.2.1.0/24"]
}

resource "azurerm_subnet" "gw" {
  name                 = "GatewaySubnet"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes     = ["10.0.255.0/27"]
}

resource "azurerm_virtual_network_gateway" "gw" {
  name                = "vpn-hub"
  resource_group_name = "rg-net"
  location            = "westeurope"
  type                = "Vpn"
  sku                 = "VpnGw2"
  ip_configuration {
    subnet_id            = azurerm_subnet.gw.id
    public_ip_address_id = azurerm_public_ip.gw.id
  }
}

resource "azurerm_public_ip" "gw" {
  name                = "pip-gw"
  resource_group_name = "rg-net"
  location            = "westeurope"
  allocation_method   = "Static"
}

resource "azurerm_local_network_gateway" "oslo" {
  name                = "oslo-dc"
  resource_group_name = "rg-net"
  location            = "westeurope"
  gateway_address     = "203.0.113.7"
  address_space       = ["172.16.0.0/12"]
}

resource "azurerm_virtual_network_gateway_connection" "oslo" {
  name                       = "to-oslo"
  resource_group_name        = "rg-net"
  location                   = "westeurope"
  type                       = "IPsec"
  virtual_network_gateway_id = azurerm_virtual_network_gateway.gw.id
  local_network_gateway_id   = azurerm_local_network_gateway.oslo.id
  shared_key                 = "not-a-real-key"
}

resource "azurerm_virtual_network_peering" "hub_to_data" {
  name                      = "hub-to-data"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.data.id
}

resource "azurerm_virtual_network_peering" "data_to_hub" {
  name                      = "data-to-hub"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.data.name
  remote_virtual_network_id = azurerm_virtual_network.hub.id
}

resource "azurerm_virtual_network_peering" "hub_to_apps" {
  name                      = "hub-to-apps"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.apps.id
  allow_gateway_transit     = true
}

resource "azurerm_virtual_network_peering" "apps_to_hub" {
  name                      = "apps-to-hub"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.apps.name
  remote_virtual_network_id = azurerm_virtual_network.hub.id
  use_remote_gateways       = false
}
