"""What a visitor means to buy. Nothing is held and no price is promised before an order."""
