"""What a shopper and a shop have agreed on, and what became of it."""
