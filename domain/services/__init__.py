"""The arithmetic of government services (政务服务), handbook section 3."""
