/* A wall that runs by itself. What is to be seen is said by the cockpit every two seconds and is a function of the moment;
   here it is loaded out of sight, shown when it is ready, and kept when nothing better comes. Time is the cockpit's. */
(function () {
  "use strict";
  const root = document.documentElement, words = JSON.parse(root.dataset.words);
  const $ = (q) => document.querySelector(q);
  const make = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text) made.textContent = text; return made; };
  const fill = (key, values) => words[key].replace(/{(\w+)}/g, (_, name) => values[name]);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const asked = new URLSearchParams(root.dataset.query), part = root.dataset.part;
  const number = (name, usual, least) => Math.max(least, parseFloat(asked.get(name)) || usual);
  const EVERY = number("every", 2, 0.2) * 1000;  // between two questions
  const PATIENCE = number("patience", 25, 1) * 1000;  // for a scene that does not become ready
  const LEAD = number("lead", 9, 0) * 1000;  // how long before its time the next scene is loaded
  const LOST = 6000, AGAIN = 30000, FADE = calm ? 0 : 400, SLOW = 120000;
  const now = () => performance.now();

  /* ---- what the page is made of ---------------------------------------------------------------------------------- */
  const stage = make("main", "stage"), canvas = make("div", "canvas"), frames = make("div", "frames"), strip = make("footer", "strip"), banner = make("section", "banner");
  const left = make("div", "left"), right = make("div", "right"), bar = make("i", "bar");
  const programme = make("strong", "programme", root.dataset.title), scene = make("span", "scene"), place = make("span", "place"), status = make("span", "status");
  const age = make("span", "age"), date = make("span", "date"), clock = make("time", "clock"), corner = make("button", "corner");
  corner.title = words.pair; corner.setAttribute("aria-label", words.pair);
  status.setAttribute("role", "status"); banner.setAttribute("role", "alert"); banner.hidden = true;
  left.append(programme, scene, place, status);
  right.append(age, date, clock, corner);
  strip.append(bar, left, right);
  canvas.append(frames, banner, strip);
  stage.append(canvas);
  document.body.append(stage);
  if (part) root.dataset.side = part[0] === "1" ? "left" : "right";

  /* ---- what is known ---------------------------------------------------------------------------------------------- */
  let said = null, heard = 0, lastHeard = 0;  // the cockpit's answer; when it came; 0: none yet
  let live = null, next = null;  // frames: {node, url, key, since, ready, shown}
  let held = null;  // {url, key, until} or, while an alarm has the wall, {.., left}
  let failed = "", failedAt = 0;  // the scene that did not come
  let skipped = "", overlay = null, taken = "", done = new Set(), assets = "", first = true, asking = false;
  const identity = root.dataset.wall || sessionStorage.wall || (sessionStorage.wall = "wall-" + [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join(""));
  const serverNow = () => (said ? said.now + now() - heard : Date.now());
  const lost = () => lastHeard && now() - lastHeard > LOST;
  const left_ = () => (said ? said.remaining * 1000 - (now() - heard) : 0);  // of the scene of the programme

  /* ---- asking -------------------------------------------------------------------------------------------------------- */
  const ask = async () => {
    if (asking) return;
    asking = true;
    const query = new URLSearchParams(asked);
    query.set("id", identity);
    query.set("shown", live ? live.key : "");
    query.set("held", held ? String(Math.round(pauseLeft() / 1000)) : "0");
    if (skipped) query.set("skipped", skipped);
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 8000);
    try {
      const sent = now(), reply = await fetch("/play/now.json?" + query, { cache: "no-store", signal: stop.signal });
      if (reply.ok) {
        const told = await reply.json();
        heard = (sent + now()) / 2; lastHeard = now(); said = told; skipped = "";
        follow(told);
      }
    } catch (gone) { /* the strip says so */ }
    clearTimeout(timer);
    asking = false;
    beat();
  };
  const follow = (told) => {
    if (assets && told.assets !== assets) renew = true;
    assets = assets || told.assets;
    for (const one of told.commands) {
      if (done.has(one.n)) continue;
      if (!first) act(one.act, one.arg);
    }
    done = new Set(told.commands.map((one) => one.n));
    if (first) { first = false; restore(); }
  };
  let renew = false;  // the cockpit has a new version: this page too, when the scene changes

  /* ---- what should be seen ---------------------------------------------------------------------------------------------- */
  const takeover = () => (said && said.takeover && !lost() && now() - heard < said.takeover.remaining * 1000 ? said.takeover : null);
  const wanted = () => {
    if (!said) return null;
    const alarm = takeover();
    if (alarm) return { url: alarm.url, key: "alarm:" + alarm.key };
    if (held) return { url: held.url, key: held.key };
    return left_() > 0 || lost() ? said.scene : said.next;
  };

  /* ---- frames -------------------------------------------------------------------------------------------------------------- */
  const inside = (frame) => { try { const found = frame.node.contentDocument; return found && found.documentElement; } catch (gone) { return null; } };
  const load = (what) => {
    drop(next);
    const node = document.createElement("iframe");
    node.setAttribute("tabindex", "-1");
    node.setAttribute("aria-hidden", "true");
    node.title = what.title || "";
    node.src = what.url;
    frames.append(node);
    next = { node: node, url: what.url, key: what.key, since: now(), ready: false, urgent: urgent(what) };
  };
  const urgent = (what) => what.key.startsWith("alarm:") || Boolean(held && held.url === what.url);
  const drop = (frame) => {
    if (!frame) return;
    if (frame === next) next = null;
    frame.node.remove();
    frame.node = null;
  };
  const ready = (frame) => {  // ready and worth showing; "" while it is not yet, else why it never will be
    const root_ = inside(frame);
    if (!root_ || root_.dataset.ready !== "true") return now() - frame.since > PATIENCE ? "late" : "";
    const all = root_.querySelectorAll("section.panel").length, broken = root_.querySelectorAll('section.panel[data-state="failed"]').length;
    return all && broken * 2 > all ? "failed" : "ready";
  };
  const show = () => {
    const before = live;
    live = next; next = null;
    live.shown = serverNow(); live.search = live.node.contentWindow.location.href;
    live.node.removeAttribute("aria-hidden");
    live.node.classList.add("live");
    failed = "";
    listen(live.node.contentWindow);
    if (before) {  // it fades away above the new one, which is painted below it
      before.node.classList.replace("live", "gone");
      setTimeout(() => drop(before), FADE + 300);
    }
    root.dataset.showing = live.key;
    root.dataset.changes = String(Number(root.dataset.changes || 0) + 1);
    if (renew && !takeover()) return again();
  };
  const again = () => {  // a new version of this page, in which a pause goes on
    if (held) sessionStorage.held = JSON.stringify({ url: held.url, key: held.key, left: pauseLeft() });
    location.reload();
  };
  const restore = () => {
    const kept = sessionStorage.held && JSON.parse(sessionStorage.held);
    delete sessionStorage.held;
    if (kept && kept.left > 0) held = { url: kept.url, key: kept.key, until: now() + kept.left };
  };

  /* ---- the beat: four times a second, and whenever something was heard --------------------------------------------------------- */
  const beat = () => {
    if (held && !takeover() && held.left === undefined && now() >= held.until) release();
    const want = wanted();
    if (want) {
      if (live && live.url === want.url && inside(live)) {
        if (next && next.url !== said.next.url) drop(next);
        const quiet = !held && !takeover() && !lost() && said.data === "ok";
        if (!next && quiet && left_() < LEAD && left_() > 0 && said.next.url !== live.url && !spoilt(said.next)) load(said.next);
        failed = live.url === want.url ? "" : failed;
      } else if (!next || (next.url !== want.url && (urgent(want) || next.urgent))) {
        const able = !lost() && (said.data === "ok" || !live);
        if (able && !spoilt(want)) load(want);
      }
    }
    if (next && !next.ready) {
      const found = ready(next);
      if (found === "ready" || (found === "failed" && !live)) next.ready = true;
      else if (found) {
        skipped = (next.key + ":" + found).replace(/[^\w|.:-]/g, "-").slice(0, 200);
        failed = next.url; failedAt = now();
        drop(next);
      }
    }
    // A scene that took longer to load than its time is shown all the same: on a slow machine there would be none.
    const due = next && next.ready && want && (next.url === want.url || !(urgent(want) || next.urgent));
    if (due && (!live || live.url !== want.url || !inside(live))) show();
    tell();
  };
  const spoilt = (what) => failed === what.url && now() - failedAt < AGAIN && live && inside(live);

  /* ---- the strip and the banner ---------------------------------------------------------------------------------------------------- */
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const span = (ms) => { const s = Math.max(0, Math.ceil(ms / 1000)); return Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0"); };
  const long = (ms) => { const m = Math.floor(ms / 60000); return m < 1 ? fill("seconds", { n: Math.floor(ms / 1000) }) : m < 120 ? fill("minutes", { n: m }) : fill("hours", { n: Math.floor(m / 60) }); };
  const at = (ms) => new Date(ms).toISOString().slice(11, 16);
  const tell = () => {
    if (root.dataset.unknown) return put(status, root.dataset.unknown);
    const time = new Date(serverNow()).toISOString();
    put(clock, said ? time.slice(11, 19) : "--:--:--");
    put(date, said ? time.slice(5, 10) : "");
    if (!said) return put(status, now() > 4000 ? words.waiting : "");
    const shown = said.scenes.find((one) => live && one.url === live.url);
    const alarm = takeover(), behind = live && live.url !== (wanted() || {}).url && (lost() || said.data !== "ok" || failed);
    put(scene, alarm ? "" : shown ? shown.title : "");
    const index = said.scene.url === (live && live.url) ? said.scene.index : said.scenes.indexOf(shown);
    put(place, alarm || !shown ? "" : `${index + 1}/${said.scenes.length}`);
    put(age, said.scene.url === (live && live.url) && !lost() ? said.age : "");
    let mood = "", text = "";
    if (lost()) { mood = "lost"; text = fill("lost", { age: long(now() - lastHeard), at: at(live ? seen(live) : serverNow()) }); }
    else if (said.data !== "ok") { mood = "lost"; text = fill("down", { at: at(live ? seen(live) : serverNow()) }); }
    else if (behind) { mood = "late"; text = fill("stays", { at: at(live.shown) }); }
    else if (held) { mood = "paused"; text = fill("paused", { left: span(pauseLeft()) }); }
    else if (said.scene.late && live && live.url === said.scene.url) { mood = "late"; text = words.late; }
    put(status, text);
    root.dataset.mood = mood;
    const whole = Math.max(1, (said.scene.seconds || 0) * 1000, left_());
    bar.style.transform = `scaleX(${held ? pauseLeft() / (said.pause * 1000) : Math.min(1, Math.max(0, left_() / whole))})`;
    shout(alarm);
    const step = [[0, 0], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]][Math.floor(serverNow() / SLOW) % 9];
    const moved = `translate(${step[0] * said.shift}px, ${step[1] * said.shift}px)`;
    if (stage.style.transform !== moved) stage.style.transform = moved;
    stage.style.setProperty("--shift", said.shift + "px");
    pairing();
  };
  const seen = (frame) => (frame.url === said.scene.url && said.data === "ok" ? said.now + lastHeard - heard : frame.shown);  // up to when what is seen was kept up
  const shout = (alarm) => {
    const key = alarm ? `${alarm.key} ${alarm.said} ${alarm.index} ${alarm.count}` : "";
    if (key === taken) return;
    const begun = alarm && !taken;
    taken = key;
    banner.hidden = !alarm;
    if (begun && held) held.left = held.until - now();
    if (!alarm) { if (held && held.left !== undefined) { held.until = now() + held.left; delete held.left; } banner.replaceChildren(); delete root.dataset.alarm; return; }
    root.dataset.alarm = alarm.key;
    banner.className = "banner " + alarm.colour;
    const sign = make("i", "sign " + alarm.colour), says = make("div", "says"), head = make("div", "who");
    head.append(make("b", "word", alarm.word), make("strong", "name", alarm.name), make("span", "where", alarm.place));
    says.append(head, make("div", "what", alarm.said));
    const more = make("div", "more"), button = make("button", "ack", words.acknowledge);
    if (alarm.count > 1) more.append(make("span", "count", fill("count", { i: alarm.index + 1, n: alarm.count })));
    button.addEventListener("click", () => acknowledge());
    more.append(button);
    banner.replaceChildren(sign, says, more);
    if (said.sound) beep(alarm.level);
  };
  const beep = (level) => {
    try {
      const sound = new AudioContext(), begin = sound.currentTime + 0.05;
      for (let i = 0; i < 3; i += 1) {
        const tone = sound.createOscillator(), loud = sound.createGain(), from = begin + i * 0.45;
        tone.frequency.value = 660 + 110 * level;
        loud.gain.setValueAtTime(0, from); loud.gain.linearRampToValueAtTime(0.4, from + 0.03); loud.gain.linearRampToValueAtTime(0, from + 0.3);
        tone.connect(loud).connect(sound.destination);
        tone.start(from); tone.stop(from + 0.32);
      }
      setTimeout(() => sound.close(), 3000);
    } catch (silent) { /* a browser without sound */ }
  };

  /* ---- what people do ---------------------------------------------------------------------------------------------------------------- */
  const pauseLeft = () => (held ? (held.left !== undefined ? held.left : Math.max(0, held.until - now())) : 0);
  const holds = (what) => {
    if (!what) return;
    held = { url: what.url, key: what.key, until: now() + (said ? said.pause : 120) * 1000 };
    if (takeover()) held.left = held.until - now();
    beat();
  };
  const onAir = () => held || (live && said && said.scenes.find((one) => one.url === live.url)) || (said && said.scene);
  const release = () => {
    const drilled = live && inside(live) && live.node.contentWindow.location.href !== live.search;
    held = null;
    if (drilled) live.url = "";  // somebody looked at something else in it
  };
  const step = (by) => {
    if (!said) return;
    const here = held ? said.scenes.findIndex((one) => one.url === held.url) : said.scene.index, n = said.scenes.length;
    holds(said.scenes[((here < 0 ? said.scene.index : here) + by + n) % n]);
  };
  const act = (what, arg) => {
    if (what === "next") step(1);
    else if (what === "previous") step(-1);
    else if (what === "pause") holds(onAir());
    else if (what === "resume") { release(); beat(); }
    else if (what === "scene" || what === "hold") holds(said && said.scenes.find((one) => one.key === arg));
  };
  const post = (path, body) => fetch(path + "?lang=" + root.dataset.lang_, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const todo = (what) => {  // halves of one canvas do the same
    act(what);
    if (part && said) {
      const key = held ? held.key : "";
      post("/play/do", { id: identity, act: held ? "hold" : "resume", arg: key }).catch(() => {});
    }
  };
  const acknowledge = () => {
    const alarm = takeover();
    if (alarm) post("/play/do", { act: "acknowledge", key: alarm.key }).then(ask).catch(() => {});
  };
  const touched = () => { if (said && !takeover()) todo("pause"); };
  const keyed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest && event.target.closest("input, textarea, select");
    if (typing) return touched();
    const keys = { ArrowRight: "next", PageDown: "next", n: "next", ArrowLeft: "previous", PageUp: "previous", p: "previous" };
    if (event.key === "r") offer();
    else if (event.key === "a") acknowledge();
    else if (event.key === "Escape") overlay ? hush() : held && todo("resume");
    else if (event.key === " ") todo(held ? "resume" : "pause");
    else if (keys[event.key]) todo(keys[event.key]);
    else if (!["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return touched();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const listen = (view) => {
    view.addEventListener("pointerdown", touched, { passive: true });
    view.addEventListener("wheel", touched, { passive: true });
    view.addEventListener("keydown", keyed, true);
  };
  addEventListener("keydown", keyed);
  stage.addEventListener("pointerdown", (event) => { if (!event.target.closest("button, .pair")) touched(); });
  corner.addEventListener("click", () => offer());

  /* ---- the phone ------------------------------------------------------------------------------------------------------------------------ */
  const offer = async () => {
    if (overlay) return hush();
    try {
      const told = await post("/play/code", { id: identity }).then((r) => r.json());
      overlay = make("aside", "pair");
      overlay.until = now() + told.seconds * 1000;
      const picture = make("img");
      picture.alt = "";
      picture.src = "data:image/svg+xml," + encodeURIComponent(told.picture);
      overlay.append(picture, make("p", "how", words.scan), make("p", "url", told.url), make("p", "code", told.code.slice(0, 3) + " " + told.code.slice(3)), make("p", "left"));
      overlay.addEventListener("click", hush);
      canvas.append(overlay);
      tell();
    } catch (gone) { /* the strip says that nothing is heard */ }
  };
  const hush = () => { if (overlay) overlay.remove(); overlay = null; };
  const pairing = () => {
    if (!overlay) return;
    if (now() > overlay.until) return hush();
    put(overlay.querySelector(".left"), fill("code_left", { left: span(overlay.until - now()) }));
  };

  root.dataset.lang_ = root.lang === "en" ? "en" : "zh";
  if (root.dataset.unknown) return tell();
  setInterval(beat, 250);
  setInterval(ask, EVERY);
  addEventListener("online", ask);
  document.addEventListener("visibilitychange", ask);
  ask();
})();
