provider "azurerm" {
  features {}
}
resource "azurerm_resource_group" "r" {
  name     = "net"
  location = "westeurope"
}
resource "azurerm_virtual_network" "prod" {
  name                = "vnet-prod"
  location            = azurerm_resource_group.r.location
  resource_group_name = azurerm_resource_group.r.name
  address_space       = ["10.0.0.0/16"]
}
resource "azurerm_subnet" "pe" {
  name                 = "pe"
  resource_group_name  = azurerm_resource_group.r.name
  virtual_network_name = azurerm_virtual_network.prod.name
  address_prefixes     = ["10.0.1.0/24"]
}
resource "azurerm_private_endpoint" "s" {
  name                = "st"
  location            = "westeurope"
  resource_group_name = azurerm_resource_group.r.name
  subnet_id           = azurerm_subnet.pe.id
  private_service_connection {
    name                           = "st"
    private_connection_resource_id = azurerm_storage_account.s.id
    is_manual_connection           = false
    subresource_names              = ["blob"]
  }
}
resource "azurerm_storage_account" "s" {
  name                          = "acmeprod"
  location                      = "westeurope"
  resource_group_name           = azurerm_resource_group.r.name
  account_tier                  = "Standard"
  account_replication_type      = "LRS"
  public_network_access_enabled = true
}
