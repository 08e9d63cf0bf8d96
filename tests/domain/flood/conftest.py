"""Rules as the handbook has them, for tests of one number at a time."""

from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def rules():
    return SimpleNamespace(
        river_near_m=0.5,
        reservoir_near_m=0.3,
        depth_cm=(3.0, 15.0, 27.0, 40.0),
        band=(0.8, 1.2),
        ramp_share=0.25,
        ramp_minutes=30,
        notify_h=1.0,
        offset_h=2.0,
    )
