"""Packing orders and handing them over."""
