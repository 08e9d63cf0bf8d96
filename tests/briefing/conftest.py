"""Property tests without a time limit of their own: a slow machine is not a wrong one."""

from hypothesis import settings

settings.register_profile("citydeck", deadline=None)
settings.load_profile("citydeck")
