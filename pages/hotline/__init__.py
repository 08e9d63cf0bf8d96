"""The 12345 hotline: from a red district to the very orders, and what to do about them."""
