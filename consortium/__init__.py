"""The domain: members, orders, tariffs, shipments, who may see what, and the command line."""
