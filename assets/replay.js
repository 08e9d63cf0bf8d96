/* A replay moves the view's `at` through a span that is past. Playing asks for the next moment once the last one is drawn,
   so the pictures are as many as the machine can draw, and the clock is right whatever it can. Nothing is kept here that
   is not in the address but whether it plays. */
(function () {
  "use strict";
  const MINUTE = 60000, PATIENCE = 10000, REST = 4000, SEEN = 40;
  const root = document.documentElement;
  const $ = (q, in_) => (in_ || document).querySelector(q);
  const $$ = (q, in_) => [...(in_ || document).querySelectorAll(q)];
  const query = () => new URLSearchParams(location.search);
  const read = (text) => Date.parse(text + ":00Z");  // the city's own clock, whatever zone the browser is in
  const written = (ms) => new Date(ms).toISOString().slice(0, 16);
  const speed = () => Math.min(600, Math.max(1, parseInt(query().get("speed"), 10) || 60));
  const bar = () => $("#replay .replaying");
  const span = () => { const one = bar(); return one ? { start: read(one.dataset.start), end: read(one.dataset.end) } : null; };
  const at = () => {
    const { start, end } = span(), asked = read(query().get("at"));
    return asked >= start && asked <= end ? asked : start;
  };
  const within = (ms) => { const { start, end } = span(); return Math.min(Math.max(ms, start), end); };

  /* ---- the address: a frame takes the place of the one before, so Back leaves the replay ------------------------------ */
  const change = (fields) => {
    const asked = query();
    for (const [name, value] of Object.entries(fields)) value ? asked.set(name, value) : asked.delete(name);
    const search = asked.size ? "?" + asked : "";
    if (search === location.search) return;
    history.replaceState(history.state, "", location.pathname + search);
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    fetched();
  };
  const show = (ms) => { change({ at: written(ms) }); draw(ms); };
  const jump = (ms) => { const to = within(ms); anchor(to); last = to; show(to); };

  /* ---- playing ------------------------------------------------------------------------------------------------------- */
  let playing = false, from = { real: 0, at: 0 }, last = 0, sent = 0, timer = 0, begun = false;
  const anchor = (ms) => { from = { real: performance.now(), at: ms }; };
  const clock = () => from.at + (performance.now() - from.real) * speed();
  const play = () => {
    const { start, end } = span();
    playing = true;
    root.dataset.playing = "true";
    sent = 0;
    at() >= end ? jump(start) : anchor(last = at());
    draw(at());
    next();
  };
  const pause = () => {
    playing = false;
    clearTimeout(timer);
    delete root.dataset.playing;
    if (bar()) draw(at());
  };
  const next = () => {
    clearTimeout(timer);
    if (!playing || !bar() || root.dataset.ready !== "true") return;
    const { start, end } = span(), shown = at();
    if (shown !== last) { anchor(shown); last = shown; }  // somebody went elsewhere
    if (sent && performance.now() - sent > PATIENCE) anchor(shown);  // the story waits for who was away
    sent = 0;
    if (shown >= end) {
      if (!query().get("loop")) return pause();
      timer = setTimeout(() => { if (playing) jump(start); }, REST);
      return;
    }
    const to = Math.min(Math.floor(clock() / MINUTE) * MINUTE, end);
    if (to > shown) { last = to; sent = performance.now(); show(to); }
    else timer = setTimeout(next, Math.max(20, (shown + MINUTE - clock()) / speed()));
  };

  /* ---- the bar ------------------------------------------------------------------------------------------------------- */
  const draw = (ms) => {
    const one = bar(), slider = $("input", one), words = written(ms);
    slider.value = Math.round((ms - read(one.dataset.start)) / MINUTE);
    slider.setAttribute("aria-valuetext", words.replace("T", " "));
    one.style.setProperty("--done", slider.value / Math.max(slider.max, 1));
    $(".shown", one).textContent = words.slice(5).replace("T", " ");
    for (const button of $$(".r-speed", one)) button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed()));
    const toggle = $(".r-play", one), said = toggle.dataset.said || (toggle.dataset.said = toggle.getAttribute("aria-label"));
    toggle.setAttribute("aria-label", playing ? toggle.dataset.other : said);
    toggle.title = toggle.getAttribute("aria-label");
  };
  let held = "";
  const of = (path) => path + "?" + new URLSearchParams([...query(), ["path", location.pathname]]);
  const fetched = async () => {  // the bar of the address, asked for when another one is wanted
    const home = $("#replay"), asked = query(), key = asked.get("replay") ? ["replay", "area", "lang", "mode"].map((name) => asked.get(name) || "").join("|") : "";
    if (!home) return;
    key ? root.dataset.replay = "true" : delete root.dataset.replay;
    if (key === held) return bar() && (held ? draw(at()) : undefined);
    held = key;
    if (!key) { pause(); home._tree = ""; home.removeAttribute("data-tree"); return home.replaceChildren(); }
    const reply = await fetch(of("/replay"), { cache: "no-store" }).catch(() => null);
    if (!reply || !reply.ok) { held = ""; return; }
    const tree = await reply.text();
    if (held === key) home.dataset.tree = tree;
  };
  const planted = () => {
    if (!bar()) { delete root.dataset.replay; return; }
    root.dataset.replay = "true";
    fill($("#replay .pins"), "/replay/marks");
    draw(at());
    if (!begun && query().get("play")) { begun = true; play(); }
  };
  const fill = async (home, path) => {
    const reply = await fetch(of(path), { cache: "no-store" }).catch(() => null);
    if (reply && reply.ok) home.dataset.tree = await reply.text();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("a[data-leave]")) {
      event.preventDefault();
      return change({ replay: "", at: "", speed: "", play: "", loop: "" });
    }
    const button = event.target.closest("#replay button");
    if (!button || !bar()) return;
    const step = Number(bar().dataset.step) * MINUTE;
    if (button.matches(".r-play")) playing ? pause() : play();
    else if (button.matches(".r-back")) jump(Math.ceil(at() / step - 1) * step);
    else if (button.matches(".r-on")) jump(Math.floor(at() / step + 1) * step);
    else if (button.matches(".pin")) jump(read(button.dataset.at));
    else if (button.matches(".r-speed")) {
      anchor(at());
      change({ speed: button.dataset.speed === "60" ? "" : button.dataset.speed });
      draw(at());
      next();
    }
  });
  const slid = (event) => read(bar().dataset.start) + Number(event.target.value) * MINUTE;
  document.addEventListener("input", (event) => { if (event.target.matches("#replay input[type=range]")) draw(slid(event)); });
  document.addEventListener("change", (event) => { if (event.target.matches("#replay input[type=range]")) jump(slid(event)); });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches && event.target.matches("details.r-choose[open]")) fill($(".incidents", event.target), "/replay/incidents");
  }, true);

  new MutationObserver(() => { if (root.dataset.ready === "true") { fetched(); clearTimeout(timer); timer = setTimeout(next, SEEN); } }).observe(root, { attributes: true, attributeFilter: ["data-ready"] });
  const found = () => {
    const home = $("#replay");
    if (!home) return setTimeout(found, 50);
    new MutationObserver(planted).observe(home, { childList: true });
    fetched();
  };
  if (query().get("replay")) root.dataset.replay = "true";  // its room is kept before it comes
  found();
})();
