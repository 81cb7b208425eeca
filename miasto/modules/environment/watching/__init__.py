"""Being told when something at an address passes a threshold that the resident chose."""
