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

resource "azurerm_route_table" "apps" {
  name                = "rt-apps"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_subnet_route_table_association" "apps" {
  subnet_id      = azurerm_subnet.apps.id
  route_table_id = azurerm_route_table.apps.id
}

resource "azurerm_route_table" "data" {
  name                = "rt-data"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_subnet_route_table_association" "data" {
  subnet_id      = azurerm_subnet.data.id
  route_table_id = azurerm_route_table.data.id
}

resource "azurerm_virtual_network_peering" "hub_to_apps" {
  name                      = "hub-to-apps"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.apps.id
}

resource "azurerm_virtual_network_peering" "hub_to_data" {
  name                      = "hub-to-data"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.data.id
}

resource "azurerm_virtual_network_peering" "hub_to_lab" {
  name                      = "hub-to-lab"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.hub.name
  remote_virtual_network_id = azurerm_virtual_network.lab.id
}

resource "azurerm_virtual_network_peering" "lab_to_hub" {
  name                      = "lab-to-hub"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.lab.name
  remote_virtual_network_id = azurerm_virtual_network.hub.id
}

resource "azurerm_virtual_network_peering" "apps_to_hub" {
  name                      = "apps-to-hub"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.apps.name
  remote_virtual_network_id = azurerm_virtual_network.hub.id
  allow_forwarded_traffic   = true
}

resource "azurerm_virtual_network_peering" "data_to_hub" {
  name                      = "data-to-hub"
  resource_group_name       = "rg-net"
  virtual_network_name      = azurerm_virtual_network.data.name
  remote_virtual_network_id = azurerm_virtual_network.hub.id
  allow_forwarded_traffic   = true
}

resource "azurerm_route" "apps_to_data" {
  name                   = "apps-to-data"
  resource_group_name    = "rg-net"
  route_table_name       = azurerm_route_table.apps.name
  address_prefix         = "10.2.0.0/16"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.0.0.4"
}

resource "azurerm_route" "data_to_apps" {
  name                   = "data-to-apps"
  resource_group_name    = "rg-net"
  route_table_name       = azurerm_route_table.data.name
  address_prefix         = "10.1.0.0/16"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.0.0.4"
}
