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

resource "azurerm_virtual_network" "lab" {
  name                = "lab"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.40.0.0/16"]
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

resource "azurerm_local_network_gateway" "bergen" {
  name                = "bergen-dc"
  resource_group_name = "rg-net"
  location            = "westeurope"
  gateway_address     = "203.0.113.7"
  address_space       = ["192.168.0.0/16"]
}

resource "azurerm_virtual_network_gateway_connection" "oslo" {
  name                       = "to-oslo"
  resource_group_name        = "rg-net"
  location                   = "westeurope"
  type                       = "IPsec"
  virtual_network_gateway_id = azurerm_virtual_network_gateway.gw.id
  local_network_gateway_id   = azurerm_local_network_gateway.oslo.id
  shared_key                 = "not-a-real-key"

  ipsec_policy {
    dh_group         = "DHGroup14"
    ike_encryption   = "AES256"
    ike_integrity    = "SHA256"
    ipsec_encryption = "None"
    ipsec_integrity  = "SHA256"
    pfs_group        = "PFS14"
  }
}

resource "azurerm_virtual_network_gateway_connection" "bergen" {
  name                       = "to-bergen"
  resource_group_name        = "rg-net"
  location                   = "westeurope"
  type                       = "IPsec"
  virtual_network_gateway_id = azurerm_virtual_network_gateway.gw.id
  local_network_gateway_id   = azurerm_local_network_gateway.bergen.id
  shared_key                 = "not-a-real-key"

  ipsec_policy {
    dh_group         = "DHGroup14"
    ike_encryption   = "AES256"
    ike_integrity    = "SHA256"
    ipsec_encryption = "GCMAES256"
    ipsec_integrity  = "SHA256"
    pfs_group        = "PFS14"
  }
}
