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
