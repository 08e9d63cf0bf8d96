"""Questions about government services (政务服务): catalogue, cases, ratings, halls, assessments."""
