/* Exports: pictures, PDF and slides are made by the server as jobs (briefing/jobs.py). Here they are asked for, watched,
   cancelled and fetched, on whatever page one is meanwhile; and here is the tray of the briefing, kept in this browser. */
(function () {
  "use strict";
  const root = document.documentElement;
  const $ = (q, in_) => (in_ || document).querySelector(q);
  const words = () => JSON.parse(root.dataset.words || "{}").exports || {};
  const el = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes || {})) v !== null && v !== undefined && made.setAttribute(k, v);
    made.append(...children);
    return made;
  };
  const asked = async (path, body, lang) => {
    const sent = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : { cache: "no-store" };
    let answer;
    try { answer = await fetch(`${path}?lang=${lang || root.dataset.lang}`, sent); } catch (gone) { throw new Error(words().gone); }
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.said || words().gone);
    return told;
  };

  /* ---- jobs: one line each in the corner, until closed --------------------------------------------------------------- */
  const OPEN = "citydeck.jobs";
  const kept = () => JSON.parse(sessionStorage.getItem(OPEN) || "[]");
  const keep = (jobs) => sessionStorage.setItem(OPEN, JSON.stringify(jobs));
  const corner = () => {
    const there = $("body > .exports");
    if (there) return there;
    document.body.append(el("aside", { class: "exports", role: "status", "aria-live": "polite", "aria-label": words().export }));
    return $("body > .exports");
  };
  const line = (title) => {
    const w = words(), said = el("span", { class: "said" }, w.sending), meter = el("progress", { max: 1, "aria-label": title }), cancel = el("button", { class: "cancel" }, w.cancel);
    const made = el("section", { class: "export-line" }, el("strong", {}, title), said, meter, cancel);
    corner().append(made);
    const ended = (state, text, ...more) => {
      made.dataset.state = state;
      meter.remove();
      cancel.remove();
      said.textContent = text;
      const close = el("button", { class: "close", "aria-label": w.close }, "×");
      close.onclick = () => made.remove();
      made.append(...more, close);
    };
    return { made, said, meter, cancel, ended };
  };
  const fetched = (file) => {
    const link = el("a", { href: file.href, download: file.name }, words().save.replace("{name}", file.name));
    document.body.append(link);
    link.click();
    return link;  // stays in the line, for who wants it again
  };
  const watch = async (id, title, shown) => {
    const w = words();
    shown.cancel.onclick = () => asked(`/jobs/${id}/cancel`, {}).catch(() => {});
    for (let misses = 0; ;) {
      await new Promise((go) => setTimeout(go, 400));
      let told;
      try { told = await asked(`/jobs/${id}.json`); misses = 0; } catch (gone) {
        if ((misses += 1) < 8) continue;  // the server may be on its way back
        told = { state: "failed", words: gone.message, files: [] };
      }
      if (told.state === "waiting" || told.state === "working") {
        shown.said.textContent = told.words;
        if (told.of > 1) { shown.meter.max = told.of; shown.meter.value = told.done; }
        continue;
      }
      keep(kept().filter((job) => job.id !== id));
      if (told.state === "done") {
        const links = told.files.map(fetched);
        shown.ended("done", w.done, ...links);
        setTimeout(() => shown.made.remove(), 20000);
      } else shown.ended(told.state, told.state === "cancelled" ? w.cancelled : `${w.failed}:${told.words}`);
      return told;
    }
  };
  const start = async (title, body, lang) => {
    const shown = line(title);
    try {
      const job = await asked("/jobs", body, lang);
      keep([...kept(), { id: job.id, title: title }]);
      return await watch(job.id, title, shown);
    } catch (refused) { shown.ended("failed", refused.message); return { state: "failed", files: [] }; }
  };
  let pictures = null;  // {pictures, words}: whether the server can draw, asked once
  const able = () => (pictures = pictures || asked("/jobs").catch((gone) => { pictures = null; return { pictures: false, words: gone.message }; }));

  /* ---- the page as a file --------------------------------------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-export]");
    if (!button) return;
    button.closest("details").open = false;
    const size = { width: Math.max(200, innerWidth), height: Math.max(120, innerHeight) };
    start(button.textContent, { make: button.dataset.export, path: location.pathname, search: location.search, scale: Number(button.dataset.scale), ...size });
  });
  document.addEventListener("toggle", async (event) => {
    const menu = event.target;
    if (!menu.matches || !menu.matches("details.export[open]")) return;
    const told = await able();
    for (const button of menu.querySelectorAll("button")) button.disabled = !told.pictures;
    if (!told.pictures && !$("small", menu)) $(".options", menu).append(el("small", {}, told.words));
  }, true);

  /* ---- the tray: panels for a briefing, each with the moment at which it was put there ---------------------------------- */
  const TRAY = "citydeck.tray";
  const tray = () => { try { return JSON.parse(localStorage.getItem(TRAY)) || []; } catch (broken) { return []; } };
  const count = () => root.style.setProperty("--tray", tray().length ? `" (${tray().length})"` : '""');
  const store = (items) => { localStorage.setItem(TRAY, JSON.stringify(items)); count(); };
  const pinned = async (search) => {
    const query = new URLSearchParams(search);
    for (const name of ["mode", "theme", "wall", "panel"]) query.delete(name);
    if (!query.get("at")) query.set("at", (await fetch("/version", { cache: "no-store" }).then((r) => r.json())).now.slice(0, 16));
    return "?" + query;
  };
  const add = async (panel, name) => {
    const item = { panel: panel, search: await pinned(location.search), name: name, title: "" }, items = tray();
    const there = items.some((one) => one.panel === item.panel && one.search === item.search);
    if (!there) store([...items, item]);
    return there ? words().there : words().added.replace("{n}", items.length + 1);
  };
  addEventListener("storage", count);

  count();
  addEventListener("DOMContentLoaded", () => { for (const job of kept()) watch(job.id, job.title, line(job.title)); });
  window.citydeckExports = { start, able, add, tray, store, asked, el, words };
})();
