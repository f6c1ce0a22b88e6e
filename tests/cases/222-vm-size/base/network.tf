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
  encryption {
    enforcement = "AllowUnencrypted"
  }
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
}

resource "azurerm_network_interface" "orders" {
  name                           = "nic-orders"
  resource_group_name            = "rg-net"
  location                       = "westeurope"
  accelerated_networking_enabled = true
  ip_configuration {
    name                          = "main"
    subnet_id                     = azurerm_subnet.orders.id
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_linux_virtual_machine" "orders" {
  name                  = "vm-orders"
  resource_group_name   = "rg-net"
  location              = "westeurope"
  size                  = "Standard_D4s_v5"
  admin_username        = "admin"
  network_interface_ids = [azurerm_network_interface.orders.id]
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }
}
resource "azurerm_subnet" "ledger" {
  name                 = "ledger"
  resource_group_name  = "rg-net"
  virtual_network_name = azurerm_virtual_network.ledger.name
  address_prefixes     = ["10.20.1.0/24"]
}

resource "azurerm_network_interface" "ledger" {
  name                           = "nic-ledger"
  resource_group_name            = "rg-net"
  location                       = "westeurope"
  accelerated_networking_enabled = true
  ip_configuration {
    name                          = "main"
    subnet_id                     = azurerm_subnet.ledger.id
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_linux_virtual_machine" "ledger" {
  name                  = "vm-ledger"
  resource_group_name   = "rg-net"
  location              = "westeurope"
  size                  = "Standard_D4s_v5"
  admin_username        = "admin"
  network_interface_ids = [azurerm_network_interface.ledger.id]
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }
}
