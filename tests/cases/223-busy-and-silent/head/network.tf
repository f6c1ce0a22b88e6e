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
  tags                = { team = "core" }
}

resource "azurerm_subnet" "gw" {
  name                 = "GatewaySubnet"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.orders.name
  address_prefixes     = ["10.10.255.0/27"]
}

resource "azurerm_virtual_network_gateway" "gw" {
  name                = "vpn-orders"
  resource_group_name = "rg-net"
  location            = "westeurope"
  type                = "Vpn"
  sku                 = "VpnGw3"
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

resource "azurerm_virtual_hub_connection" "ledger" {
  name                      = "ledger"
  virtual_hub_id            = azurerm_virtual_hub.weu.id
  remote_virtual_network_id = azurerm_virtual_network.ledger.id
}

resource "azurerm_vpn_gateway" "weu" {
  name                = "vpng-weu"
  resource_group_name = "rg-net"
  location            = "westeurope"
  virtual_hub_id      = azurerm_virtual_hub.weu.id
  scale_unit          = 2
}

resource "azurerm_express_route_circuit" "amsterdam" {
  name                  = "er-amsterdam"
  resource_group_name   = "rg-net"
  location              = "westeurope"
  service_provider_name = "Equinix"
  peering_location      = "Amsterdam"
  bandwidth_in_mbps     = 1000
  sku {
    tier   = "Standard"
    family = "MeteredData"
  }
}

resource "azurerm_virtual_network_gateway_connection" "oslo" {
  name                       = "to-oslo"
  resource_group_name        = "rg-net"
  location                   = "westeurope"
  type                       = "IPsec"
  virtual_network_gateway_id = azurerm_virtual_network_gateway.gw.id
  local_network_gateway_id   = azurerm_local_network_gateway.oslo.id
  shared_key                 = "not-a-real-key-either"
}
