/* The few things that only the browser can do: own the URL, know when everything is drawn, follow the data's version.
   No state is kept here that is not in the address bar or on the page. */
(function () {
  "use strict";
  const root = document.documentElement;
  const $ = (q, in_) => (in_ || document).querySelector(q);
  const $$ = (q, in_) => [...(in_ || document).querySelectorAll(q)];
  const words = () => JSON.parse(root.dataset.words || "{}");
  const maps = () => window.citydeck.maps;  // assets/maps.js, which comes after this

  /* ---- the URL ------------------------------------------------------------------------------------------------ */
  const withField = (search, changes) => {
    const query = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
    const defaults = JSON.parse(root.dataset.defaults || "{}");
    for (const [name, value] of [...query]) if (defaults[name] === value || value === "") query.delete(name);
    const text = query.toString();
    return text ? "?" + text : "";
  };
  const go = (search) => {
    for (const open of $$("details[open]")) open.open = false;
    if (search === location.search) return;
    history.pushState(history.state, "", location.pathname + search);
    waiting();
    ask();
  };
  const setField = (name, value) => {
    const changes = { [name]: value };
    if (name === "area") changes.state = new URLSearchParams(location.search).get("state") || "";
    go(withField(location.search, changes));
  };
  const bringUp = (name) => {
    const panel = $(`section.panel[data-panel="${name}"]`);
    if (panel && root.dataset.mode === "desk") panel.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[data-set], a[data-fields], a[data-go]");
    if (link) {
      event.preventDefault();
      if ("go" in link.dataset) go(new URL(link.href).search);
      else if ("fields" in link.dataset) go(withField(location.search, JSON.parse(link.dataset.fields)));
      else setField(link.dataset.set, link.dataset.value);
      if (link.dataset.show) bringUp(link.dataset.show);
      return;
    }
    const apply = event.target.closest(".form .apply");
    if (apply) {
      const form = apply.closest(".form");
      const values = $$("input", form).map((i) => i.value);
      if (values.every(Boolean)) setField(form.dataset.form, values.join(".."));
      return;
    }
    const copy = event.target.closest("button.copy");
    if (copy) {
      navigator.clipboard && navigator.clipboard.writeText(location.href);
      const before = copy.textContent;
      copy.textContent = copy.dataset.done;
      setTimeout(() => (copy.textContent = before), 1500);
      return;
    }
    if (!event.target.closest("details.chip")) for (const open of $$("details[open]")) open.open = false;
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches && event.target.matches("details.chip:not([open])")) plant();
    if (event.target.matches && event.target.matches("details.chip[open]"))
      for (const other of $$("details.chip[open]")) if (other !== event.target) other.open = false;
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of $$("details[open]")) { open.open = false; $("summary", open).focus(); }
  });
  let path = location.pathname;
  addEventListener("popstate", (event) => {
    // The page router would build the whole page anew; only the view moved.
    if (location.pathname !== path) return;
    event.stopImmediatePropagation();
    waiting();
    ask();
  }, true);

  /* ---- inputs ------------------------------------------------------------------------------------------------- */
  const furnish = () => {
    for (const place of $$("span.input:empty")) {
      const input = document.createElement("input");
      input.type = place.dataset.type;
      input.setAttribute("aria-label", place.dataset.label);
      if (place.dataset.type === "search") input.placeholder = place.dataset.label;
      input.value = place.dataset.value || "";
      place.append(input);
      if (place.classList.contains("find-area")) findsAreas(place, input);
      if (place.dataset.field) {
        input.value = new URLSearchParams(location.search).get(place.dataset.field) || "";
        let last;
        input.addEventListener("input", () => { clearTimeout(last); last = setTimeout(() => setField(place.dataset.field, input.value.trim()), 300); });
      }
    }
  };
  const findsAreas = (place, input) => {
    let last = 0;
    input.addEventListener("input", async () => {
      const mine = ++last, found = place.parentElement.querySelector(".found");
      if (!found) return;
      if (!place._near) place._near = [...found.children];
      if (!input.value.trim()) { found.replaceChildren(...place._near); return; }
      const query = new URLSearchParams({ q: input.value, lang: root.dataset.lang });
      const rows = await fetch("/areas?" + query).then((r) => r.json()).catch(() => []);
      if (mine !== last) return;
      found.replaceChildren(...rows.map((row) => {
        const link = document.createElement("a");
        link.dataset.set = "area"; link.dataset.value = row.code;
        link.href = location.pathname + withField(location.search, { area: row.code });
        link.textContent = row.path;
        return link;
      }));
      if (!rows.length) found.textContent = place.dataset.none;
    });
    input.addEventListener("keydown", (event) => {
      const first = place.parentElement.querySelector(".found a");
      if (event.key === "Enter" && first) first.click();
    });
  };

  /* ---- asking: one answer a view, a line for each panel as soon as it is drawn (components/drawing.py) -------------- */
  let asked = null;  // what is being asked
  const came = new Map();  // lines that wait for their place on the page, or for the script that draws charts
  const ask = async () => {
    if (asked) asked.abort();
    const mine = asked = new AbortController(), search = location.search;
    came.clear();
    try {
      const answer = await fetch("/drawn" + location.pathname + search, { cache: "no-store", signal: mine.signal });
      if (!answer.ok) return;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ;) {
        const { done, value } = await reader.read();
        if (done || search !== location.search) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          if (!built()) lettered(line);
          const told = JSON.parse(line);
          if (told.figure) outlines(told.figure).catch(() => {});
          came.set(told.panel || told.id, told);
        }
        deliver();
      }
    } catch (gone) { if (gone.name !== "AbortError") return; }  // the next tick says so
    finally { if (asked === mine) asked = null; }
  };
  // Letters come in many small files, by range. Those of an answer that waits for its page are fetched meanwhile, or the
  // page would be laid out once without and again with them.
  const built = () => $("#main .grid");
  const letters = new Set();
  const lettered = (text) => {
    const more = [...new Set(text)].filter((one) => one > "\u2e7f" && !letters.has(one));
    more.forEach((one) => letters.add(one));
    if (more.length) document.fonts.load('14px "Noto Sans SC"', more.join("")).catch(() => {});
  };
  const deliver = () => {
    for (const [name, told] of came) {
      const home = told.id ? document.getElementById(name) : $(`section.panel[data-panel="${name}"]`);
      if (!home || (told.figure && !window.Plotly)) continue;
      came.delete(name);
      home.dataset.tree = told.tree;
      if (told.figure) { plant(); paint($(".plot", home), told.figure); }
    }
  };
  // What maps are drawn from. Plotly would ask for outlines only when it draws, look every 50 ms whether they came, and
  // ask for those of the world, too, of which nothing is drawn.
  const none = { type: "GeometryCollection", geometries: [] }, world = Object.fromEntries(["coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"].map((name) => [name, none]));
  const known = window.PlotlyGeoAssets = { topojson: { world_110m: { type: "Topology", objects: world, arcs: [] } } }, coming = new Map();
  const outlined = (address) => {
    if (!coming.has(address)) coming.set(address, fetch(address).then((reply) => { if (!reply.ok) throw new Error(reply.status); return reply.json(); })
      .then((shapes) => { known[address] = shapes; }).finally(() => coming.delete(address)));
    return coming.get(address);
  };
  const lacking = (figure) => [...new Set(figure.data.map((trace) => trace.geojson).filter((one) => typeof one === "string" && !known[one]))];
  const outlines = (figure) => Promise.all(lacking(figure).map(outlined));
  const paint = (graph, figure) => {
    if (!graph.clientHeight) graph._later = figure;  // no room: on a wall some panels are not shown
    else {
      graph._later = null;
      graph._painted = figure;
      if (lacking(figure).length) outlines(figure).then(() => { if (graph._painted === figure) paint(graph, figure); }, () => {});  // asked anew by the next question
      else show(graph, figure);
    }
    sizes.observe(graph);
  };
  const show = (graph, figure) => {
    Object.assign(figure.layout, { width: graph.clientWidth, height: graph.clientHeight });
    maps().framed(figure, graph);
    const config = { displayModeBar: false, responsive: false, topojsonURL: "/topo/", locale: root.dataset.lang === "zh" ? "zh-CN" : "en",
      scrollZoom: false, doubleClick: false, showTips: false };
    return window.Plotly.react(graph, figure.data, figure.layout, config).then(() => {
      if (graph._painted !== figure) return;
      graph._drawnStamp = figure.layout.meta.stamp;
      hook(graph);
      settled(graph);
    });
  };
  const sizes = new ResizeObserver((seen) => {
    for (const { target } of seen) target._later ? paint(target, target._later) : refit(target);
  });

  /* ---- ready: every panel has left loading and finished drawing for the view in the address bar ------------------- */
  const panels = () => $$("section.panel");
  const parsed = (stamp) => {
    const [state, version, ...rest] = (stamp || "").split("|");
    return { state: state, version: version, search: rest.join("|") };
  };
  let late = 0, planted = false;
  const waiting = () => {
    delete root.dataset.ready;
    for (const panel of panels()) panel.dataset.state = "loading";
    clearTimeout(late);
    late = setTimeout(() => root.dataset.slow = "true", 450);  // a skeleton only when it takes long enough to notice
  };
  const settle = () => {
    let open = 0;
    const charts = [];
    for (const panel of panels()) {
      const stamp = parsed(panel.dataset.stamp);
      if (!panel.dataset.stamp || stamp.search !== location.search) { open += 1; continue; }
      const shows = stamp.state === "ready" || stamp.state === "late";
      if (shows && panel.dataset.chart === "true") {
        const graph = $(".plot", panel);
        if (!graph._later && graph._drawnStamp !== panel.dataset.stamp) { open += 1; continue; }
        if (!graph._later) charts.push(graph);
      }
      if (shows) panel._shown = location.search;
      panel.classList.toggle("old", stamp.state === "failed" && panel._shown === location.search);
      if (panel.dataset.state !== stamp.state) panel.dataset.state = stamp.state;
    }
    const frame = $("#frame");
    const framed = frame && frame.dataset.stamp && (parsed(frame.dataset.stamp).search === location.search || $("details[open]", frame));
    if (!open && framed && $("#_pages_content > *") && !charts.filter(refit).length) {  // refit() lays the page out: asked last
      clearTimeout(late);
      delete root.dataset.slow;
      if (root.dataset.ready !== "true") {
        fit();
        if (!document.dispatchEvent(new CustomEvent("laid-out", { cancelable: true }))) return settle();  // somebody moved something
        root.dataset.ready = "true";
      } else if (planted) fit();  // new data in a view that is ready: its rows are new
      planted = false;
    } else if (open) delete root.dataset.ready;
  };
  const refit = (graph) => {  // words above a chart may have taken room from it since it was drawn: whether it is drawn again
    const size = `${graph.clientWidth}|${graph.clientHeight}`, full = graph._fullLayout;
    if (graph._refitting) return true;
    if (!full || !graph.clientHeight || graph._fitted === size || Math.abs(full.height - graph.clientHeight) + Math.abs(full.width - graph.clientWidth) < 3) return false;
    graph._fitted = size;
    graph._refitting = true;
    show(graph, graph._painted).finally(() => { graph._refitting = false; settle(); });
    return true;
  };
  const settled = (graph) => {
    if (!graph._drawnStamp || parsed(graph._drawnStamp).search === location.search) maps().land(graph);
    maps().places(graph);
    settle();
  };
  const hook = (graph) => {
    if (graph._citydeck) return;
    graph._citydeck = true;
    graph.on("plotly_afterplot", () => settled(graph));
    graph.on("plotly_click", (click) => {
      const panel = graph.closest("[data-sets]"), point = click.points && click.points[0];
      if (!panel || !point || point.customdata === undefined || point.customdata === null) return;
      const value = Array.isArray(point.customdata) ? point.customdata[0] : point.customdata;
      if (value === undefined || value === null || value === "") return;
      if (String(value)[0] === "{") return go(withField(location.search, JSON.parse(value)));  // several fields at once
      maps().fly(graph, value);
      setField(panel.dataset.sets, String(value));
    });
  };
  const SVG = "http://www.w3.org/2000/svg";
  const grow = (node, svg) => {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, attributes, nodes] = node, drawn = svg === true || tag === "svg";
    const made = drawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name !== "style") made.setAttribute(name, value);
      else for (const [key, said] of Object.entries(value)) key.startsWith("--") ? made.style.setProperty(key, said) : (made.style[key] = said);
    }
    made.append(...nodes.map((one) => grow(one, drawn)));
    return made;
  };
  const mark = (panel) => {  // as classes: a style that asks what is inside (:has) costs the whole page at every change
    const head = $(".head", panel), cover = $(".cover", panel), grid = panel.closest(".grid");
    panel.classList.toggle("titled", !!(head && $(".title", head)));
    const lacks = panel.classList.toggle("lacks", !!(cover && $(".lacking", cover)));
    if (!grid) return;
    const name = (one) => one.dataset.panel.split(".")[1], spare = (grid.dataset.spare || "").split(" ");
    grid.classList.toggle(`lacks-${name(panel)}`, lacks);
    grid.classList.toggle("lacking", $$(".panel.lacks", grid).some((one) => !spare.includes(name(one))));
  };
  const plant = () => {  // HTML comes as plain trees (components/markup.py); where one was reading stays where it was
    const due = [];  // what is read of the page is read before anything changes: the page is laid out once
    for (const home of $$("[data-tree]")) {
      if (home._tree === home.dataset.tree) continue;
      if (home.id === "frame" && $("details[open]", home)) continue;  // somebody is choosing; a click closes it first
      const { stamp, places } = JSON.parse(home.dataset.tree), same = parsed(stamp).search === parsed(home.dataset.stamp).search;
      if (same && ($(".sheet-form:not([hidden])", home) || $(".plan-edit :focus", home))) continue;  // somebody is writing
      home._tree = home.dataset.tree;
      for (const [name, nodes] of Object.entries(places)) {
        const place = name === "here" ? home : $("." + name, home), at = document.activeElement;
        const read = same ? $$(".rows", place).map((list) => list.scrollTop) : [];
        const held = same && place.contains(at) && at.dataset.set ? `a[data-set="${CSS.escape(at.dataset.set)}"][data-value="${CSS.escape(at.dataset.value)}"]` : null;
        due.push({ place: place, nodes: nodes, read: read, held: held });
      }
      due.push({ home: home, stamp: stamp, marks: places.head || places.cover });
    }
    planted = planted || due.length > 0;
    for (const { place, nodes, home, stamp, marks } of due) {
      if (place) place.replaceChildren(...nodes.map((one) => grow(one)));
      if (marks) mark(home);
      if (stamp) home.dataset.stamp = stamp;
    }
    for (const { place, read, held } of due) {
      if (read && read.some(Boolean)) $$(".rows", place).forEach((list, i) => { if (read[i]) list.scrollTop = read[i]; });
      if (held && $(held, place)) $(held, place).focus({ preventScroll: true });
    }
  };
  // The script that draws charts takes longest to start: it does while Dash asks what stands on the page.
  const charts = () => {
    const script = document.createElement("script");
    script.src = root.dataset.charts;
    script.addEventListener("load", () => deliver());
    document.head.append(script);
  };
  let queued = false, begun = false;
  new MutationObserver(() => {
    if (!begun && $("#_pages_content")) { begun = true; setTimeout(charts); }
    if (queued) return;
    queued = true;
    queueMicrotask(() => { queued = false; deliver(); plant(); furnish(); settle(); });
  }).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-tree"] });

  /* ---- wall: how much room there is, in lines and letters of its own body text --------------------------------------- */
  const shape = () => {
    // Charts are drawn with the size of text that the page has here; a picture's looks, never its data.
    document.cookie = `px=${Math.round(parseFloat(getComputedStyle(root).fontSize)) || 14};path=/;SameSite=Strict`;
    const style = getComputedStyle(root), number = (name) => parseFloat(style.getPropertyValue(name)), px = number("--u") || 14;
    const lines = innerHeight / (number("--high") || 1) / px, letters = innerWidth / (number("--wide") || 1) / px;
    root.dataset.plan = letters < 34 ? "tower" : letters < 70 ? (lines < 24 ? "small" : lines < 40 ? "pair" : "tower") : lines < 23 ? "strip"
      : letters < 125 ? (lines < 40 ? "row" : "full") : lines < 40 ? "band" : "double";
  };
  addEventListener("resize", () => { shape(); setTimeout(fit, 120); });
  document.fonts.addEventListener("loadingdone", () => { if (root.dataset.ready === "true") fit(); });
  // At a desk a list that goes on below fades out at its end.
  const fade = (list) => list.toggleAttribute("data-more", list.scrollHeight - list.scrollTop > list.clientHeight + 4);
  addEventListener("scroll", (event) => event.target.matches && event.target.matches(".fits") && fade(event.target), { capture: true, passive: true });
  // Words that their place on a wall would cut are set tighter, where that is not enough on two lines.
  const snug = () => {
    const cut = (some) => some.filter((one) => one.scrollWidth > one.clientWidth + 2 && getComputedStyle(one).overflow !== "visible");
    for (const one of $$(".snug, .wraps")) one.classList.remove("snug", "wraps");
    let some = cut($$("section.panel :is(.body, .tiles) :not(svg *)").filter((one) => !one.childElementCount && one.clientWidth && one.textContent.trim()));
    for (const one of some) one.classList.add("snug");
    some = cut(some).filter((one) => one.closest("li, tr, .tile, .loud"));
    for (const one of some) one.classList.add("wraps");
    const out = some.filter((one) => {
      const row = one.closest("li, tr, .tile"), box = one.getBoundingClientRect(), room = row && row.getBoundingClientRect();
      return row && (box.top < room.top - 2 || box.bottom > room.bottom + 2);
    });
    for (const one of out) one.classList.remove("wraps");  // there is no room for a second line: it ends in dots
  };
  const fit = () => {  // lists show whole rows only; what is cut is counted by the list itself
    if (root.dataset.mode !== "wall") { for (const list of $$("section.panel .fits")) fade(list); return; }
    for (const row of $$("section.panel .fits > *")) row.style.display = "";
    snug();
    for (const part of $$("section.panel .scope, section.panel .head .late, .foot span")) part.style.display = "";
    const cut = new Map();
    for (const list of $$("section.panel .fits")) {
      const panel = list.closest("section.panel");
      const end = Math.min(list.closest(".picture").getBoundingClientRect().bottom, list.getBoundingClientRect().bottom) + 1;  // a list may have words below it
      let n = 0;
      for (const row of [...list.children].reverse()) if (row.getBoundingClientRect().bottom > end) { row.style.display = "none"; n += 1; }
      cut.set(panel, (cut.get(panel) || 0) + n);
    }
    for (const [panel, n] of cut) {
      const head = $(".head", panel);
      n ? (head.dataset.cut = words().menu.cut.replace("{n}", n)) : delete head.dataset.cut;
    }
    // how many rows are cut stands in the head: what else stands there has the room that is left
    for (const head of $$("section.panel .head, .foot"))
      for (const part of $$(".scope, .late, :scope > span", head))
        if (head.scrollWidth > head.clientWidth + 1 || part.scrollWidth > part.clientWidth + 1) part.style.display = "none";
  };

  /* ---- the one scheduler: has the data moved? -------------------------------------------------------------------------- */
  let offset = null, version = null, since = Date.now();
  const offline = (gone) => {
    const said = $("body > .offline");
    if (gone === (root.dataset.offline === "true")) return;
    gone ? root.dataset.offline = "true" : delete root.dataset.offline;
    if (said) said.remove();
    if (!gone) return;
    const words = document.createElement("p");
    words.className = "offline";
    words.setAttribute("role", "status");
    words.textContent = root.dataset.offlineWords;
    document.body.append(words);
  };
  const tick = async () => {
    try {
      const answer = await fetch("/version", { cache: "no-store" }).then((r) => { if (!r.ok) throw r.status; return r.json(); });
      if (offset === null) setTimeout(clock);
      offset = new Date(answer.now) - new Date();
      offline(false);
      // A question that was lost on the way is asked again, but only after time enough for a slow answer.
      if (root.dataset.ready === "true" || !panels().length) since = Date.now();
      const stuck = Date.now() - since > 20000;
      if (stuck) since = Date.now();
      if (version !== null && (answer.token !== version || stuck)) ask();
      version = answer.token;
    } catch (gone) { offline(true); version = version === null ? null : "gone"; }
    setTimeout(tick, 1000 * (parseFloat(root.dataset.tick) || 5));
  };
  const clock = () => {
    const face = $(".clock");
    if (face && offset !== null && !$(".replay")) face.textContent = new Date(Date.now() + offset).toTimeString().slice(0, 8);
    settle();  // whatever was missed under load
  };
  setInterval(clock, 1000);

  shape();
  ask();  // while the page's other scripts are still on their way
  window.citydeck = { ask: ask, fit: () => fit() };
  addEventListener("DOMContentLoaded", () => { shape(); tick(); });
})();
