"""What needs a person of the shop: money and orders that do not go on by themselves."""
