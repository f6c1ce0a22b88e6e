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

resource "azurerm_virtual_network" "billing" {
  name                = "billing"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.30.0.0/16"]
}

resource "azurerm_subnet" "cache" {
  name                 = "cache"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.orders.name
  address_prefixes     = ["10.10.9.0/24"]
}

resource "azurerm_redis_cache" "orders" {
  name                 = "orders-cache"
  resource_group_name  = "rg-net"
  location             = "westeurope"
  capacity             = 1
  family               = "P"
  sku_name             = "Premium"
  subnet_id            = azurerm_subnet.cache.id
  non_ssl_port_enabled = false
}
