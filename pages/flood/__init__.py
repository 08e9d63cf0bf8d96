"""The screen of flood monitoring (防汛)."""
