/* The sheet behind a panel ("⋯"): definition, table, CSV, Excel, picture. */
(function () {
  "use strict";
  const root = document.documentElement;
  const $ = (q, in_) => (in_ || document).querySelector(q);
  const words = () => JSON.parse(root.dataset.words || "{}");
  const el = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes || {})) v !== null && v !== undefined && made.setAttribute(k, v);
    made.append(...children.filter((c) => c !== null && c !== undefined).map((c) => (c instanceof Node ? c : String(c))));
    return made;
  };
  const here = (changes) => {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) query.set(name, value);
    return "?" + query;
  };
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const menu = event.target.closest("button.menu");
    if (menu) openSheet(menu.closest("section.panel"));
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeSheet());

  let opener = null;
  const closeSheet = () => {
    const sheet = $("dialog.sheet");
    if (!sheet) return;
    sheet.close();
    sheet.remove();
    opener && opener.focus();
  };
  const shown = (value, digits) => value === null || value === undefined ? "—"
    : typeof value === "number" ? value.toLocaleString("en-US", { maximumFractionDigits: digits === undefined ? 4 : digits }) : String(value);
  const asSaid = (d, v) => d.percent && v !== null && v !== undefined ? shown(v * 100, 2) + "%" : shown(v, 2) + " " + d.unit;
  const card = (d, meta, w) => {
    const rows = [
      [w.definition, d.definition],
      d.numerator_is ? [w.numerator, d.numerator_is + (d.numerator === null ? "" : " = " + shown(d.numerator))] : null,
      d.denominator_is ? [w.denominator, d.denominator_is + (d.denominator === null ? "" : " = " + shown(d.denominator))] : null,
      d.is_not ? [w.not, d.is_not] : null,
      [w.aggregate, d.adds_up],
      [w.direction, d.direction + (d.target === null ? "" : " · " + w.target.replace("{value}", asSaid(d, d.target)))],
      meta.compare && d.base !== null ? [w.base, asSaid(d, d.base) + " · " + meta.compare.start.slice(0, 10) + " — " + meta.compare.end.slice(0, 16).replace("T", " ")] : null,
      [w.origin, d.origin],
    ].filter(Boolean);
    const fraction = d.numerator !== null && d.denominator !== null && d.denominator !== undefined
      ? el("span", { class: "fraction" }, el("span", {}, shown(d.numerator)), el("span", {}, shown(d.denominator))) : null;
    return el("article", { class: "definition" }, el("h3", {}, d.name),
      el("p", { class: "formula" }, el("strong", {}, asSaid(d, d.value)), fraction ? " = " : null, fraction),
      el("dl", {}, ...rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])));
  };
  const openSheet = async (panel) => {
    closeSheet();
    opener = $("button.menu", panel);
    const name = panel.dataset.panel, w = words().card, m = words().menu;
    const address = (kind) => `/data/${name}.${kind}${here({ lang: root.dataset.lang })}`;
    const sheet = el("dialog", { class: "sheet", "aria-label": $("h2", panel).textContent });
    document.body.append(sheet);
    const body = el("div", { class: "sheet-body" }, words().state.loading);
    const add = el("button", { class: "add" }, words().exports.add);
    add.onclick = async () => { add.textContent = await window.citydeckExports.add(name, $("h2", panel).textContent); };
    const png = el("span");
    pictureMenu(panel, m).then((menu) => png.replaceWith(menu));
    const close = el("button", { class: "close", "aria-label": m.close }, "×");
    close.onclick = closeSheet;
    sheet.append(el("header", {}, el("h2", {}, $("h2", panel).textContent), el("a", { href: address("csv"), download: name + ".csv" }, m.csv), el("a", { href: address("xlsx"), download: name + ".xlsx" }, m.xlsx),
      el("a", { href: address("json"), target: "_blank", rel: "noopener" }, "JSON"), png, add, close), body);
    sheet.addEventListener("click", (event) => { if (event.target === sheet) closeSheet(); });
    sheet.addEventListener("cancel", (event) => { event.preventDefault(); closeSheet(); });
    sheet.showModal();
    try {
      const { meta, data } = await fetch(address("json")).then((r) => { if (!r.ok) throw r.status; return r.json(); });
      const facts = [[w.area, meta.area && meta.area.name], [w.period, meta.period.words], [w.as_of, meta.as_of.slice(0, 16).replace("T", " ")],
        [w.source, meta.source.name], [w.age, meta.source.last_data_at && meta.source.last_data_at.slice(0, 16).replace("T", " ") + " · " + w.cadence.replace("{value}", "") .replace("{cadence}", meta.source.cadence)]].filter((f) => f[1]);
      const most = 200, columns = data.length ? Object.keys(data[0]) : [];
      const cell = (v) => typeof v === "string" && /^\d{4}-\d\d-\d\dT/.test(v) ? v.slice(0, 16).replace("T", " ") : shown(v);
      body.replaceChildren(
        el("p", { class: "demo" }, meta.demo), ...meta.definitions.map((d) => card(d, meta, w)),
        el("dl", { class: "facts" }, ...facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])),
        el("h3", {}, m.table), el("p", { class: "count" }, data.length > most ? m.capped.replace("{shown}", most).replace("{n}", data.length) : m.rows.replace("{n}", data.length)),
        el("div", { class: "scroll", tabindex: "0" }, el("table", {}, el("thead", {}, el("tr", {}, ...columns.map((c) => el("th", { scope: "col" }, c)))),
          el("tbody", {}, ...data.slice(0, most).map((row) => el("tr", {}, ...columns.map((c) => el("td", typeof row[c] === "number" ? { class: "n" } : {}, cell(row[c])))))))));
    } catch (gone) { body.textContent = words().state.failed; }
  };
  const pictureMenu = async (panel, m) => {  // drawn by the server where it can, else here
    const exports = window.citydeckExports, w = words().exports;
    if (!(await exports.able()).pictures) {
      const png = el("button", { class: "png" }, m.png);
      png.onclick = () => picture(panel);
      return png;
    }
    const choice = (label, options) => el("select", { "aria-label": label }, ...options.map(([value, said]) => el("option", { value: value }, said)));
    const shade = root.dataset.theme === "light" ? [["light", w.light], ["dark", w.dark]] : [["dark", w.dark], ["light", w.light]];
    const theme = choice(w.picture, shade), size = choice(w.picture, [["screen", w.screen_size], ["slide", w.slide_size]]);
    const times = [1, 2, 4].map((scale) => {
      const button = el("button", { class: "png", "data-scale": scale }, `${m.png} ${scale}×`);
      button.onclick = () => {
        const { width, height } = panel.getBoundingClientRect();
        const own = size.value === "screen" ? { width: Math.max(200, Math.round(width) + 18), height: Math.max(120, Math.round(height) + 48) } : {};
        closeSheet();
        exports.start(`${$("h2", panel).textContent} ${m.png} ${scale}×`, { make: "panel-png", panel: panel.dataset.panel, search: location.search, theme: theme.value, scale: scale, ...own });
      };
      return button;
    });
    return el("details", { class: "chip png-menu" }, el("summary", {}, m.png), el("div", { class: "options" }, theme, size, ...times));
  };
  const caption = (panel) => [$("h2", panel).textContent, $(".scope", panel) && $(".scope", panel).textContent, root.dataset.demo].filter(Boolean).join(" · ");
  const picture = async (panel) => {
    const graph = $(".js-plotly-plot", panel);
    const surface = getComputedStyle(root).getPropertyValue("--surface").trim();
    if (!graph) return photograph(panel, surface);
    const copy = { data: graph.data, layout: { ...graph.layout, paper_bgcolor: surface, margin: { ...graph.layout.margin, t: 40 },
      title: { text: caption(panel).replace(/[<>&]/g, ""), x: 0.02, font: { size: 16 } } }, config: { topojsonURL: "/topo/" } };
    await window.Plotly.downloadImage(copy, { format: "png", scale: 2, width: graph.clientWidth, height: graph.clientHeight + 40, filename: panel.dataset.panel });
  };
  const photograph = async (panel, surface) => {  // HTML as it stands, with its own styles, on a canvas
    const dressed = (node) => {
      if (node.nodeType !== 1) return node.cloneNode();
      const copy = node.cloneNode(), style = getComputedStyle(node);
      if (style.display === "none" || node.matches("button.menu, .cover")) return document.createTextNode("");
      copy.removeAttribute("id");
      copy.setAttribute("style", "overflow:hidden;" + [...style].filter((name) => !name.startsWith("overflow")).map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
      for (const child of node.childNodes) copy.append(dressed(child));
      return copy;
    };
    const { width, height } = panel.getBoundingClientRect(), scale = 2;
    const sheet = document.createElement("div");
    sheet.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
    sheet.setAttribute("style", `background:${surface};width:${width}px`);
    sheet.append(dressed(panel));
    const foot = document.createElement("p");
    foot.textContent = caption(panel);
    foot.setAttribute("style", `margin:0;padding:6px 14px;font:13px sans-serif;color:${getComputedStyle(root).getPropertyValue("--muted")}`);
    sheet.append(foot);
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${(height + 32) * scale}" viewBox="0 0 ${width} ${height + 32}"><foreignObject width="100%" height="100%">${new XMLSerializer().serializeToString(sheet)}</foreignObject></svg>`;
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(drawing);
    await image.decode();
    const canvas = el("canvas", { width: width * scale, height: (height + 32) * scale });
    canvas.getContext("2d").drawImage(image, 0, 0);
    const link = el("a", { href: canvas.toDataURL("image/png"), download: panel.dataset.panel + ".png" });
    document.body.append(link);
    link.click();
    link.remove();
  };
})();
