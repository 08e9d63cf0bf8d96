"""What a screen is made of. Knows nothing of pages, nor of SQL."""
