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

resource "azurerm_network_security_perimeter" "data" {
  name                = "nsp-data"
  resource_group_name = "rg-net"
  location            = "westeurope"
}

resource "azurerm_network_security_perimeter_profile" "strict" {
  name                          = "strict"
  network_security_perimeter_id = azurerm_network_security_perimeter.data.id
}

resource "azurerm_storage_account" "stordata" {
  name                          = "stordata"
  resource_group_name           = "rg-net"
  location                      = "westeurope"
  account_tier                  = "Standard"
  account_replication_type      = "ZRS"
  public_network_access_enabled = false
}

resource "azurerm_network_security_perimeter_association" "stordata" {
  name                                  = "stordata"
  network_security_perimeter_profile_id = azurerm_network_security_perimeter_profile.strict.id
  resource_id                           = azurerm_storage_account.stordata.id
  access_mode                           = "Learning"
}

resource "azurerm_storage_account" "storlogs" {
  name                          = "storlogs"
  resource_group_name           = "rg-net"
  location                      = "westeurope"
  account_tier                  = "Standard"
  account_replication_type      = "ZRS"
  public_network_access_enabled = false
}

resource "azurerm_network_security_perimeter_association" "storlogs" {
  name                                  = "storlogs"
  network_security_perimeter_profile_id = azurerm_network_security_perimeter_profile.strict.id
  resource_id                           = azurerm_storage_account.storlogs.id
  access_mode                           = "Enforced"
}
