/* An archived report: its pictures are drawn from what was kept, it goes onto paper in light, and its sentences can be
   changed by a person who says a name. */
(function () {
  "use strict";
  const root = document.documentElement;
  const $ = (q, in_) => (in_ || document).querySelector(q);
  const $$ = (q, in_) => [...(in_ || document).querySelectorAll(q)];
  const config = () => ({ displayModeBar: false, responsive: false, topojsonURL: "/topo/", locale: root.dataset.lang === "zh" ? "zh-CN" : "en",
    scrollZoom: false, doubleClick: false, showTips: false });
  const asked = new Map();  // address -> figure: they never change
  const figure = (address) => {
    if (!asked.has(address)) asked.set(address, fetch(address).then((reply) => { if (!reply.ok) throw new Error(reply.status); return reply.json(); }));
    return asked.get(address);
  };
  const put = (graph, told, width) => {
    const copy = structuredClone(told);  // Plotly writes into what it is given
    copy.layout.width = width || graph.clientWidth;
    copy.layout.height = graph.clientHeight;
    copy.layout.autosize = false;
    return window.Plotly.react(graph, copy.data, copy.layout, config()).then(() => window.citydeck.maps.places(graph));
  };

  /* ---- pictures: the page is ready when they are drawn -------------------------------------------------------------- */
  const pending = () => $$(".archived[data-figure]:not([data-drawn])");
  const draw = async (graph) => {
    if (graph._asked || !window.Plotly || !graph.clientWidth) return;
    graph._asked = true;
    try {
      graph._screen = await figure(graph.dataset.figure);
      graph._paper = await figure(graph.dataset.paper);
      await put(graph, graph._screen);
    } catch (error) {
      graph.textContent = String(error);
    }
    graph.dataset.drawn = "true";
    const panel = graph.closest("section.panel");
    if (panel && !$(".archived[data-figure]:not([data-drawn])", panel) && panel._stamp) {
      panel.dataset.stamp = panel._stamp;
      panel._stamp = "";
      panel.append(document.createComment(""));  // a change of the page: it looks again whether it is ready
    }
  };
  document.addEventListener("laid-out", (event) => {
    for (const graph of pending()) {
      const panel = graph.closest("section.panel");
      if (panel && panel.dataset.stamp) { panel._stamp = panel.dataset.stamp; panel.dataset.stamp = ""; }
      event.preventDefault();
      draw(graph);
    }
  });
  new MutationObserver(() => { pending().forEach(draw); furnish(); }).observe(root, { subtree: true, childList: true });
  let resized;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => $$(".archived[data-drawn]").forEach((graph) => graph._screen && graph.clientWidth && put(graph, graph._screen)), 150);
  });

  /* ---- paper --------------------------------------------------------------------------------------------------------- */
  let theme;
  addEventListener("beforeprint", () => {
    if (!$(".document")) return;
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    root.dataset.paper = "true";
    for (const graph of $$(".archived[data-drawn]")) if (graph._paper) put(graph, graph._paper, Math.round((178 / 25.4) * 96));
  });
  addEventListener("afterprint", () => {
    if (theme === undefined) return;
    root.dataset.theme = theme;
    delete root.dataset.paper;
    theme = undefined;
    for (const graph of $$(".archived[data-drawn]")) if (graph._screen) put(graph, graph._screen);
  });

  /* ---- changing sentences -------------------------------------------------------------------------------------------- */
  const furnish = () => {
    for (const place of $$(".report-person:empty")) {
      const input = document.createElement("input");
      input.name = "person";
      input.maxLength = 40;
      input.value = localStorage.getItem("person") || "";
      input.setAttribute("aria-label", place.closest("label").textContent);
      place.append(input);
    }
  };
  const editing = (doc, on) => {
    $(".report-form", doc).hidden = !on;
    doc.toggleAttribute("data-editing", on);
    for (const one of $$("[data-sentence]", doc)) {
      if (on) { one._was = one.textContent; one.setAttribute("contenteditable", "plaintext-only"); one.setAttribute("role", "textbox"); }
      else { one.textContent = one._was; one.removeAttribute("contenteditable"); one.removeAttribute("role"); }
    }
    if (on) $(".report-form input", doc).focus();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-report-act]"), doc = button && button.closest(".document");
    if (!doc) return;
    const act = button.dataset.reportAct;
    if (act === "print") return window.print();
    if (act === "slides") return window.citydeckExports.start($("h1", doc).textContent, { make: "report-pptx", report: doc.dataset.report });
    if (act === "edit" || act === "cancel") return editing(doc, act === "edit" && $(".report-form", doc).hidden);
    const answer = $(".report-form .answer", doc), person = $(".report-form input", doc).value.trim();
    const sentences = Object.fromEntries($$("[data-sentence]", doc).filter((one) => one.textContent !== one._was).map((one) => [one.dataset.sentence, one.textContent]));
    button.disabled = true;
    try {
      const reply = await fetch("/reports/text?lang=" + root.dataset.lang, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ report: doc.dataset.report, version: Number(doc.dataset.version), person, sentences, release: act === "release" }),
      });
      answer.textContent = (await reply.json()).said;
      if (reply.ok) {
        localStorage.setItem("person", person);
        $(".report-form", doc).hidden = true;  // what is drawn next may take its place
        window.citydeck.ask();
      }
    } catch (error) {
      answer.textContent = String(error);
    }
    button.disabled = false;
  });
})();
