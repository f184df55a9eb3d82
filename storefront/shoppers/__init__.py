"""Shoppers who have proven an e-mail address, to see their own orders in one shop. No passwords."""
