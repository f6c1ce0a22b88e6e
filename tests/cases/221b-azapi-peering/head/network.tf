terraform {
  required_providers {
    azapi = { source = "Azure/azapi", version = "~> 2.0" }
  }
}

provider "azapi" {}

resource "azapi_resource" "orders" {
  type      = "Microsoft.Network/virtualNetworks@2023-09-01"
  parent_id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-net"
  name      = "orders"
  location  = "westeurope"
  body = {
    properties = { addressSpace = { addressPrefixes = ["10.10.0.0/16"] } }
  }
}

resource "azapi_resource" "ledger" {
  type      = "Microsoft.Network/virtualNetworks@2023-09-01"
  parent_id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-net"
  name      = "ledger"
  location  = "westeurope"
  body = {
    properties = { addressSpace = { addressPrefixes = ["10.20.0.0/16"] } }
  }
}

resource "azapi_resource" "orders_to_ledger" {
  type      = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2023-09-01"
  parent_id = azapi_resource.orders.id
  name      = "orders-to-ledger"
  body = {
    properties = {
      allowVirtualNetworkAccess = true
      remoteVirtualNetwork      = { id = azapi_resource.ledger.id }
    }
  }
}

resource "azapi_resource" "ledger_to_orders" {
  type      = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2023-09-01"
  parent_id = azapi_resource.ledger.id
  name      = "ledger-to-orders"
  body = {
    properties = {
      allowVirtualNetworkAccess = true
      remoteVirtualNetwork      = { id = azapi_resource.orders.id }
    }
  }
}
