/* The page of the briefing: the tray, or a ready-made list, as slides to order, to title and to make. */
(function () {
  "use strict";
  const root = document.documentElement;
  const $ = (q, in_) => (in_ || document).querySelector(q);
  let home = null, w = {}, items = [], deck = "", name = "", lang = "", turn = 0;
  const query = () => new URLSearchParams(location.search);
  const el = (...given) => window.citydeckExports.el(...given);

  const load = async () => {
    const exports = window.citydeckExports;
    deck = query().get("deck") || "";
    lang = lang || root.dataset.lang;
    if (!deck) {
      const shared = location.hash.length > 1 && parsed(decodeURIComponent(location.hash.slice(1)));
      items = shared || exports.tray();
      deck = shared ? "#" : "";
      return draw();
    }
    const asked = query();
    asked.set("lang", lang);
    const answer = await fetch(`/briefing/deck/${encodeURIComponent(deck)}.json?${asked}`).then((r) => r.json().then((told) => ({ ok: r.ok, told }))).catch(() => ({ ok: false, told: {} }));
    if (!answer.ok) { items = []; return draw(answer.told.said || exports.words().gone); }
    name = answer.told.name;
    items = answer.told.items.map((item) => ({ ...item, name: item.title, title: "" }));
    draw();
  };
  const parsed = (text) => {  // what a link carries is checked before it is used
    try {
      const list = JSON.parse(text);
      return Array.isArray(list) && list.every((one) => Array.isArray(one) && one.every((part) => typeof part === "string"))
        ? list.slice(0, 60).map(([panel, search, called, title]) => ({ panel: panel, search: search || "", name: called || panel, title: title || "" })) : null;
    } catch (broken) { return null; }
  };
  const changed = () => { if (!deck) window.citydeckExports.store(items); draw(); };
  const moved = (from, to) => {
    if (to < 0 || to >= items.length) return;
    items.splice(to, 0, ...items.splice(from, 1));
    changed();
    const next = home.querySelectorAll(".slide")[to];
    next.focus();
    $(".told", home).textContent = w.moved.replace("{title}", items[to].name).replace("{n}", to + 1).replace("{of}", items.length);
  };
  const removed = (at) => {
    items.splice(at, 1);
    changed();
    (home.querySelectorAll(".slide")[Math.min(at, items.length - 1)] || $("h2", home)).focus();
  };

  /* ---- one slide ------------------------------------------------------------------------------------------------------ */
  const alone = (item) => {
    const view = new URLSearchParams(item.search);
    for (const [key, value] of Object.entries({ panel: item.panel, theme: "light", lang: lang, bare: "yes" })) view.set(key, value);
    return "/solo?" + view;
  };
  const slide = (item, at) => {
    const button = (css, label, act, off) => {
      const made = el("button", { class: css, "aria-label": `${label}: ${item.name}`, title: label });
      made.textContent = { up: "↑", down: "↓", remove: "×" }[css];
      made.disabled = off;
      made.onclick = act;
      return made;
    };
    const title = el("textarea", { rows: 2, maxlength: 300, "aria-label": `${w.sentence}: ${item.name}`, placeholder: item.found || w.finding });
    title.value = item.title;
    title.oninput = () => { item.title = title.value.trim(); if (!deck) window.citydeckExports.store(items); };
    const scope = new URLSearchParams(item.search);
    const period = scope.get("period") || "30d";
    const said = [w.page[item.panel.split(".")[0]], w.period[period] || period.replace("..", " — "), scope.get("area"), scope.get("at") && scope.get("at").replace("T", " ")].filter(Boolean).join(" · ");
    const made = el("li", { class: "slide", tabindex: "-1" }, el("span", { class: "number" }, String(at + 1)),
      el("div", { class: "preview", "data-src": alone(item), "aria-hidden": "true" }),
      el("div", { class: "about" }, el("strong", {}, item.name), el("small", {}, said), title),
      el("div", { class: "slide-acts" }, button("up", w.up, () => moved(at, at - 1), at === 0), button("down", w.down, () => moved(at, at + 1), at === items.length - 1), button("remove", w.remove, () => removed(at), false)));
    made.addEventListener("keydown", (event) => {
      const to = { ArrowUp: at - 1, ArrowDown: at + 1 }[event.key];
      if (event.altKey && to !== undefined) { event.preventDefault(); moved(at, to); }
      if (event.key === "Delete" && event.target === made) removed(at);
    });
    return made;
  };
  const previews = async (mine) => {  // one after the other: each is a whole page
    for (const place of home.querySelectorAll(".preview")) {
      if (mine !== turn || !place.isConnected) return;
      if (!place.clientWidth) continue;  // on a phone there is no room for them
      const frame = el("iframe", { src: place.dataset.src, tabindex: "-1", title: "" });
      frame.style.transform = `scale(${place.clientWidth / 960})`;
      place.append(frame);
      await new Promise((go) => { frame.onload = go; setTimeout(go, 8000); });
      for (let tries = 0; tries < 40 && mine === turn; tries += 1) {
        if (frame.contentDocument && frame.contentDocument.documentElement.dataset.ready) break;
        await new Promise((go) => setTimeout(go, 150));
      }
    }
  };
  const findings = async (mine) => {
    const lists = [...home.querySelectorAll(".slide")];
    for (const [n, item] of items.entries()) {
      const view = new URLSearchParams(item.search);
      view.set("panel", item.panel);
      view.set("lang", lang);
      const told = await fetch("/briefing/finding?" + view).then((r) => r.json()).catch(() => ({}));
      if (mine !== turn) return;
      item.found = told.title || told.said || "";
      const box = $("textarea", lists[n]);
      if (box) box.placeholder = item.found || w.finding;
    }
  };

  /* ---- the page --------------------------------------------------------------------------------------------------------- */
  const make = (kind) => {
    const called = $("input.deck-name", home).value.trim() || name;
    const slides = items.map(({ panel, search, title }) => ({ panel: panel, search: search, title: title }));
    return window.citydeckExports.start(`${called || w.title} ${kind === "deck-pptx" ? "PPTX" : "PDF"}`, { make: kind, items: slides, name: called }, lang);
  };
  const link = () => {
    const where = new URL(location.href);
    if (!deck || deck === "#") where.hash = JSON.stringify(items.map((one) => [one.panel, one.search, one.name, one.title]));
    return where.href;
  };
  const draw = (fault) => {
    const mine = ++turn;
    const field = el("input", { class: "deck-name", "aria-label": w.name, placeholder: w.name, maxlength: 120 });
    field.value = $("input.deck-name", home) ? $("input.deck-name", home).value || name : name;
    const tongue = el("select", { class: "tongue", "aria-label": w.language }, ...[["zh", "中文"], ["en", "English"]].map(([value, said]) => el("option", { value: value }, said)));
    tongue.value = lang;
    tongue.onchange = () => { lang = tongue.value; deck && deck !== "#" ? load() : draw(); };
    const button = (css, said, act, off) => { const made = el("button", { class: css }, said); made.onclick = act; made.disabled = off; return made; };
    const copy = button("copy-link", w.link, async () => { await navigator.clipboard.writeText(link()); copy.textContent = w.copied; setTimeout(() => (copy.textContent = w.link), 1500); }, !items.length);
    const acts = [button("make pptx", w.pptx, () => make("deck-pptx"), !items.length), button("make pdf", w.pdf, () => make("deck-pdf"), !items.length), copy];
    if (deck) acts.push(button("take", w.take, () => { deck = ""; window.citydeckExports.store(items); history.replaceState(history.state, "", "/briefing?" + new URLSearchParams({ lang: root.dataset.lang, theme: root.dataset.theme })); draw(); }, !items.length));
    else acts.push(button("empty", w.empty_it, () => { items = []; changed(); $("h2", home).focus(); }, !items.length));
    const list = el("ol", { class: "slides", "aria-label": w.title }, ...items.map(slide));
    const none = fault ? el("p", { class: "fault" }, fault) : items.length ? el("p", { class: "hint" }, deck ? w.deck_hint : w.hint) : el("p", { class: "none" }, w.none);
    home.replaceChildren(
      el("header", {}, el("h2", { tabindex: "-1" }, deck && name ? name : w.title), field, tongue, ...acts),
      el("nav", { class: "ready-made", "aria-label": w.ready }), none, list, el("p", { class: "told", role: "status" }));
    ready();
    window.citydeckExports.able().then((told) => { const pdf = $("button.pdf", home); if (pdf && !told.pictures) { pdf.disabled = true; pdf.title = told.words; } });
    findings(mine).then(() => previews(mine));
  };
  const ready = async () => {
    const place = $(".ready-made", home);
    const made = await fetch(`/briefing/decks.json?lang=${root.dataset.lang}`).then((r) => r.json()).catch(() => []);
    const kept = (changes) => { const asked = query(); for (const field of ["deck", "period", "at"]) asked.delete(field); for (const [k, v] of Object.entries(changes)) asked.set(k, v); return "/briefing?" + asked; };
    const current = (one) => (one ? { "aria-current": "page" } : {});
    place.replaceChildren(el("span", {}, w.ready), el("a", { href: kept({}), ...current(!deck) }, w.own),
      ...made.map((one) => el("a", { href: kept({ deck: one.deck }), ...current(one.deck === deck) }, one.name)));
    if (deck && deck !== "#") place.append(el("span", { class: "periods" }, ...[["", w.own_period], ["7d", w.p_7d], ["30d", w.p_30d]].map(([value, said]) =>
      el("a", { href: kept(value ? { deck: deck, period: value } : { deck: deck }), ...current((query().get("period") || "") === value) }, said))));
  };

  new MutationObserver(() => {
    const there = $(".briefing[data-briefing]");
    if (!there || there === home) return;
    home = there;
    w = JSON.parse(home.dataset.briefing);
    load();
  }).observe(document, { subtree: true, childList: true });
})();
