"""The screen of government services (政务服务)."""
