"""Questions about rain, rivers, reservoirs, water on the streets, alarms and releases (防汛)."""
