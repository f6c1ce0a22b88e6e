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

resource "azurerm_subnet" "orders" {
  name                 = "orders"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.orders.name
  address_prefixes     = ["10.10.1.0/24"]
  service_endpoints    = ["Microsoft.Storage", "Microsoft.Sql"]
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
  sku                 = "VpnGw2"
  enable_bgp          = true
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
