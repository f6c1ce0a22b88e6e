terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "66666666-7777-8888-9999-000000000000"
}

resource "azurerm_virtual_network" "apps" {
  name                = "spoke-apps"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.1.0.0/16"]
}

resource "azurerm_virtual_network" "lab" {
  name                = "spoke-lab"
  resource_group_name = "rg-net"
  location            = "westeurope"
  address_space       = ["10.3.0.0/16"]
}

resource "azurerm_virtual_network_peering" "to_hub" {
  name                      = "to-hub"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.apps.name
  remote_virtual_network_id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/net-hub"
  use_remote_gateways       = true
}
