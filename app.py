"""The city cockpit. Everything is wired here and nowhere else."""

import ctypes
import gc
import logging
import signal
import sys
import threading
from contextlib import suppress
from datetime import timedelta

from dash import Dash
from flask_caching import Cache
from flask_compress import Compress
from waitress import serve

from briefing import by_hand, deliver, schedule, worker
from briefing import routes as briefing
from components import panel, replay, shell, view
from components.drawing import drawing_routes
from components.serving import Cockpit, safe
from data_access import city_rules, clock, engine, handover, walls
from data_access.settings import Settings, SettingsError, settings
from pages import addresses, incidents, loading, reports_acting, walling
from pages.asking import given, named
from pages.flood import acting, advising
from pages.programme import editing, player, remote
from sample_data import figures as published
from sample_data.feed import step

M_ARENA_MAX = -8  # of glibc's malloc.h
TRIM_SECONDS = 60
KEPT_SECONDS = 120  # of an answer: those of now are asked again in their minute, those of a replay as it is played
CACHES = {
    "memory": {"CACHE_TYPE": "components.keeping.Keeping"},
    "none": {"CACHE_TYPE": "NullCache", "CACHE_NO_NULL_WARNING": True},
}


def create_app(database_url: str | None = None) -> Dash:
    """The app over the database of the settings, or another. One a process: Dash gives its callbacks to the first only.
    Raises SettingsError or engine.DatabaseError, each with what to do."""
    chosen = settings()
    city_rules.connect(database_url)
    published.keep()
    view.set_defaults(lang=chosen.language, theme=chosen.theme, aligned=chosen.holidays == "CN")
    app = Cockpit(  # type: ignore[call-arg]
        __name__,
        use_pages=True,
        title="Citydeck",
        update_title="",
        compress=False,
        assets_ignore=".*",
    )
    Cockpit.wall = staticmethod(walls.profile)
    Cockpit.tick_seconds = chosen.tick_seconds
    Cockpit.demo = staticmethod(is_demo)
    redis = {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": chosen.cache_url}
    cache = Cache(app.server, config={"CACHE_DEFAULT_TIMEOUT": KEPT_SECONDS, **CACHES.get(chosen.cache_url, redis)})
    kept = redis if chosen.cache_url.startswith("redis") else CACHES["memory"]  # what walls and phones share
    shared = Cache(app.server, config={"CACHE_KEY_PREFIX": "wall:", **kept})
    shell.NAMES["ask"] = named
    replay.TOLD.update(incidents=incidents.incidents, marks=incidents.marks)
    panel.connect(panel.Outside(clock.now, addresses.token, addresses.freshness, cache, walls.profile, is_demo, given))
    app.layout = lambda: shell.shell(chosen.language)
    addresses.routes(app.server)
    drawing_routes(app.server)
    replay.replay_routes(app.server)
    loading.routes(app.server)
    acting.routes(app.server)
    advising.routes(app.server)
    walling.routes(app.server)
    remote.connect(remote.Outside(shared.cache, remote.address(chosen.remote_host, chosen.remote_port), is_demo))
    player.routes(app.server)
    editing.routes(app.server)
    remote.routes(app.server)
    briefing.routes(app.server)
    reports_acting.routes(app.server)
    by_hand.routes(app.server)
    safe(app, page_eval=chosen.page_eval == "yes")
    Compress(app.server)
    return app


def is_demo() -> bool:
    """Whether the city is made up, which every screen and export then says."""
    return engine.get("demo") == "yes"


def feed(stop: threading.Event) -> None:
    """Fresh orders for the demo city, so that the screen lives."""
    while not stop.wait(timedelta(seconds=20).total_seconds()):
        try:
            step(clock.now())
        except Exception:
            logging.getLogger("citydeck.feed").exception("the demo feed missed a step")


DEMO_REPORTS = "daily 07:30, weekly Mon 08:00"


def few_heaps() -> None:
    """Let the threads share two heaps, where the C library is glibc. It would give each its own, and what is free in
    one heap serves no thread of another; in one measurement a hundred scenes took 455 MB with two and 520 without."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def give_back(stop: threading.Event) -> None:
    """Give free memory back to the system again and again, where the C library is glibc, which keeps what lies between
    things in use; in one measurement 34 of 601 MB after 14 hours of the demo city."""
    with suppress(OSError, AttributeError, TypeError):
        trim = ctypes.CDLL(None).malloc_trim
        while not stop.wait(TRIM_SECONDS):
            trim(0)


def reporting(chosen: Settings) -> worker.Plan:
    """Which reports are made and where they go. Raises SettingsError."""
    demo = is_demo() and not chosen.reports
    try:
        entries = schedule.parse(DEMO_REPORTS if demo else chosen.reports)
    except schedule.ScheduleError as error:
        raise SettingsError(f"COCKPIT_REPORTS: {error}") from None
    return worker.Plan(entries, chosen.language, by_hand.folder(), demo, lambda now: deliver.step(chosen, now))


def main() -> int:
    """Serve until stopped. Returns an exit code; says on one line what is wrong when it cannot."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # many viewers at once are no fault
    few_heaps()
    try:
        chosen = settings()
        if chosen.host not in ("127.0.0.1", "localhost", "::1") and chosen.open != "yes":
            raise SettingsError(
                f"COCKPIT_HOST={chosen.host}: there are no accounts yet, so everyone who reaches this "
                "address sees everything. If that is meant, set COCKPIT_OPEN=yes as well."
            )
        app = create_app()
        reports = reporting(chosen)
    except (SettingsError, engine.DatabaseError) as error:
        print(f"citydeck: {error}", file=sys.stderr)
        return 2
    gc.collect()
    gc.freeze()  # what is loaded now stays; looking through it again and again cost a panel milliseconds
    gc.set_threshold(50_000, 20, 20)
    threading.Thread(target=panel.warm, args=("overview",), daemon=True).start()
    stop = threading.Event()
    threading.Thread(target=give_back, args=(stop,), daemon=True).start()
    if is_demo() and chosen.demo_feed == "on":
        threading.Thread(target=feed, args=(stop,), daemon=True).start()
    if reports.entries or deliver.targets_of(chosen):
        worker.start(reports, clock.now, stop)
    if chosen.remote_host:
        phones = {"host": chosen.remote_host, "port": chosen.remote_port, "threads": 2, "ident": "citydeck"}
        threading.Thread(target=serve, args=(remote.listener(),), kwargs=phones, daemon=True).start()
    if chosen.open == "yes":
        print(
            f"citydeck: open to everyone who reaches {chosen.host}:{chosen.port}; there are no accounts yet", flush=True
        )
    print(f"citydeck: open http://{chosen.host}:{chosen.port}/", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # stopped as by the keyboard: what is begun is finished
    with handover.announced(chosen.host, chosen.port):
        serve(
            app.server,
            host=chosen.host,
            port=chosen.port,
            threads=chosen.threads,
            connection_limit=2000,  # a browser holds six open: the usual 100 would leave the seventeenth viewer waiting
            asyncore_use_poll=True,
            ident="citydeck",
            clear_untrusted_proxy_headers=True,
        )
    stop.set()
    return 0


if __name__ == "__main__":
    sys.exit(main())
