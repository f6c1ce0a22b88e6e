provider "azurerm" {
  features {}
}

resource "azurerm_storage_account" "sums" {
  name                     = "acmesums"
  resource_group_name      = "rg-net"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_storage_account_network_rules" "sums" {
  storage_account_id = azurerm_storage_account.sums.id
  default_action     = "Deny"
}

resource "azurerm_storage_account" "rates" {
  name                     = "acmerates"
  resource_group_name      = "rg-net"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_storage_account_network_rules" "rates" {
  storage_account_id = azurerm_storage_account.rates.id
  default_action     = "Deny"
}
