"""The cockpit as it is, with its clock set back by BEHIND seconds: to the time of its data, which would get late while
hundreds of other tests run."""

import os
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import app
from data_access import clock
from data_access.settings import settings

BEHIND = timedelta(seconds=float(os.environ["BEHIND"]))

if __name__ == "__main__":
    zone = ZoneInfo(settings().timezone)
    clock._reading = lambda: datetime.now(zone).replace(tzinfo=None) - BEHIND
    sys.exit(app.main())
