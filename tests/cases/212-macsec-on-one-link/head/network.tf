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

resource "azurerm_virtual_network" "lab" {
  name                = "lab"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_subnet" "gw_orders" {
  name                 = "GatewaySubnet"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.orders.name
  address_prefixes     = ["10.10.255.0/27"]
}

resource "azurerm_subnet" "gw_billing" {
  name                 = "GatewaySubnet"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.billing.name
  address_prefixes     = ["10.30.255.0/27"]
}

resource "azurerm_virtual_network_gateway" "gw_orders" {
  name                        = "er-orders"
  resource_group_name         = "rg-net"
  location                    = "westeurope"
  type                        = "ExpressRoute"
  sku                         = "ErGw1AZ"
  remote_vnet_traffic_enabled = true
  ip_configuration {
    subnet_id            = azurerm_subnet.gw_orders.id
    public_ip_address_id = azurerm_public_ip.gw_orders.id
  }
}

resource "azurerm_public_ip" "gw_orders" {
  name                = "pip-gw_orders"
  resource_group_name = "rg-net"
  location            = "westeurope"
  allocation_method   = "Static"
}

resource "azurerm_virtual_network_gateway" "gw_billing" {
  name                        = "er-billing"
  resource_group_name         = "rg-net"
  location                    = "westeurope"
  type                        = "ExpressRoute"
  sku                         = "ErGw1AZ"
  remote_vnet_traffic_enabled = true
  ip_configuration {
    subnet_id            = azurerm_subnet.gw_billing.id
    public_ip_address_id = azurerm_public_ip.gw_billing.id
  }
}

resource "azurerm_public_ip" "gw_billing" {
  name                = "pip-gw_billing"
  resource_group_name = "rg-net"
  location            = "westeurope"
  allocation_method   = "Static"
}

resource "azurerm_express_route_port" "amsterdam" {
  name                = "erd-amsterdam"
  resource_group_name = "rg-net"
  location            = "westeurope"
  peering_location    = "Equinix-Amsterdam-AM1"
  bandwidth_in_gbps   = 10
  encapsulation       = "Dot1Q"

  link1 {
    macsec_cak_keyvault_secret_id = "https://keys.vault.azure.net/secrets/cak1/1"
    macsec_ckn_keyvault_secret_id = "https://keys.vault.azure.net/secrets/ckn1/1"
    macsec_cipher                 = "GcmAes256"
  }

  link2 {
    macsec_cipher = "GcmAes256"
  }
}

resource "azurerm_express_route_circuit" "amsterdam" {
  name                  = "er-amsterdam"
  resource_group_name   = "rg-net"
  location              = "westeurope"
  express_route_port_id = azurerm_express_route_port.amsterdam.id
  bandwidth_in_gbps     = 1
  sku {
    tier   = "Standard"
    family = "MeteredData"
  }
}

resource "azurerm_virtual_network_gateway_connection" "orders" {
  name                       = "orders-er"
  resource_group_name        = "rg-net"
  location                   = "westeurope"
  type                       = "ExpressRoute"
  virtual_network_gateway_id = azurerm_virtual_network_gateway.gw_orders.id
  express_route_circuit_id   = azurerm_express_route_circuit.amsterdam.id
}
