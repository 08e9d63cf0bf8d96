/* The page that describes a wall, and its test card: what a person fills in becomes the address; what the browser really
   has is measured. */
(function () {
  "use strict";
  const root = document.documentElement;
  const $ = (q, in_) => (in_ || document).querySelector(q);
  const go = (wall) => {  // as any link of the page does
    const link = document.createElement("a");
    link.dataset.set = "wall";
    link.dataset.value = wall;
    link.href = "#";
    link.hidden = true;
    document.body.append(link);
    link.click();
    link.remove();
  };
  /* The profile as domain/wall.py reads it. Pitch and size say the same: the one that was written last counts. */
  const written = (form, last) => {
    const value = (name) => $(`[name="${name}"]`, form).value.trim();
    const sized = /_mm$/.test(last) || (!/^pitch/.test(last) && !value("pitch")), beside = (name) => value(name) || $(`[name="${name}"]`, form).placeholder;
    const picture = sized ? `mm${beside("wide_mm")}x${beside("high_mm")}` : `p${beside("pitch")}` + (value("pitch_y") ? `x${value("pitch_y")}` : "");
    const several = value("columns") * value("rows") > 1, gap = Number(value("bezel"));
    return [`${value("width")}x${value("height")}`, picture, several ? `${value("columns")}x${value("rows")}` : "",
      several && gap ? `b${value("bezel")}${$('[name="hidden"]', form).checked ? "h" : ""}` : "", `d${value("distance")}`,
      Number(value("margin")) ? `s${value("margin")}` : ""].filter(Boolean).join(",");
  };
  let focus = "";
  document.addEventListener("change", (event) => {
    const form = event.target.closest(".wall-form");
    if (!form) return;
    setTimeout(() => {  // Tab has moved on by then
      focus = document.activeElement && document.activeElement.closest(".wall-form") ? document.activeElement.name : "";
      go(written(form, event.target.name));
    });
  });
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest(".wall-copy"), save = event.target.closest(".wall-save");
    if (copy) {
      if (navigator.clipboard) navigator.clipboard.writeText($(".wall-command").textContent);
      const before = copy.textContent;
      copy.textContent = copy.dataset.done;
      setTimeout(() => (copy.textContent = before), 1500);
    }
    if (!save) return;
    const form = save.closest(".wall-save-form"), value = (name) => $(`[name="${name}"]`, form).value;
    const body = JSON.stringify({ name: value("name"), person: value("person"), spec: form.dataset.spec });
    const reply = await fetch("/walls?lang=" + root.dataset.lang, { method: "POST", headers: { "Content-Type": "application/json" }, body: body }).then((r) => r.json()).catch(() => null);
    const said = $(".wall-save-form .reply");
    said.textContent = reply ? reply.said : root.dataset.offlineWords;
    window.citydeck.ask();
    kept = said.textContent;
  });
  let kept = "";

  /* ---- how the page looks there: the page itself, made small ------------------------------------------------------------ */
  let previewed = null;
  const preview = (place) => {
    const query = new URLSearchParams(location.search), size = $('.wall-form [name="width"]');
    if (!size || previewed === location.search) return;
    previewed = location.search;
    const width = Number(size.value), height = Number($('.wall-form [name="height"]').value);
    query.set("mode", "wall");
    const frame = document.createElement("iframe"), head = document.createElement("header"), name = document.createElement("h2"), says = document.createElement("span"), open = document.createElement("a"), box = document.createElement("div");
    name.textContent = place.dataset.title;
    open.textContent = place.dataset.open; open.href = "/?" + query; open.target = "_blank"; open.className = "in-text";
    head.append(name, says, open);
    box.className = "shown";
    const scale = Math.min(1, place.clientWidth * 0.97 / width, 520 / height);
    frame.style.width = `${width}px`; frame.style.height = `${height}px`; frame.style.transform = `scale(${scale})`;
    box.style.width = `${width * scale}px`; box.style.height = `${height * scale}px`;
    frame.tabIndex = -1; frame.title = place.dataset.title;
    frame.src = "/?" + query;
    frame.addEventListener("load", () => {
      const inside = frame.contentDocument.documentElement, view = frame.contentWindow;
      const count = () => [...inside.querySelectorAll("section.panel")].filter((one) => one.getClientRects().length).length;
      const seen = () => {
        if (!frame.isConnected) return;
        if (inside.dataset.ready !== "true") return void setTimeout(seen, 200);
        const now = count(), px = inside.style.getPropertyValue("--u");
        inside.style.setProperty("--u", "24px"); view.dispatchEvent(new view.Event("resize"));
        const most = count();
        inside.style.setProperty("--u", px); view.dispatchEvent(new view.Event("resize"));
        says.textContent = place.dataset.shows.replace("{n}", now) + (most > now ? place.dataset.fewer.replace("{n}", most - now) : "");
      };
      seen();
    });
    box.append(frame);
    place.replaceChildren(head, box);
  };

  /* ---- what the browser has, against what the profile says ---------------------------------------------------------------- */
  const measure = () => {
    const line = $(".card-measured");
    if (!line) return;
    const width = Math.round(innerWidth * devicePixelRatio), height = Math.round(innerHeight * devicePixelRatio), want = line.dataset.want;
    const same = `${width}×${height}` === want && devicePixelRatio === 1;
    const fill = (words) => words.replace("{width}", width).replace("{height}", height).replace("{ratio}", devicePixelRatio.toFixed(2)).replace("{want}", want);
    const said = `${fill(line.dataset.measured)} · ${fill(same ? line.dataset.matches : line.dataset.differs)}`;
    if (line.textContent !== said) line.textContent = said;
    line.classList.toggle("differs", !same);
  };
  addEventListener("resize", measure);
  new MutationObserver(() => {
    measure();
    if (root.dataset.ready !== "true") return;
    const command = $(".wall-command");
    if (command && command.textContent.includes("{host}")) command.textContent = command.textContent.replace("{host}", location.origin);
    const place = $(".wall-preview"), said = $(".wall-save-form .reply"), next = focus && $(`.wall-form [name="${focus}"]`);
    if (place) preview(place);
    if (said && kept && !said.textContent) { said.textContent = kept; kept = ""; }
    if (next) { focus = ""; next.focus(); if (next.select) next.select(); }
  }).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
})();
