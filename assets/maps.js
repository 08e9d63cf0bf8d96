/* What a map needs that its drawing library does not do: bounds widened to the shape of their place, labels that do not
   stand on each other, a drill that flies. Called by cockpit.js before and after a map is drawn. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const $ = (q, in_) => in_.querySelector(q);
  const $$ = (q, in_) => [...in_.querySelectorAll(q)];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const places = (graph) => {  // all that is read of the picture is read at once: after each change it would be laid out anew
    const labels = $$(".geo .scatterlayer text, .geo text.textpoint, .scattergeo text", graph).concat(graph.layout && graph.layout.meta && graph.layout.meta.apart ? $$(".annotation", graph) : []);
    if (!labels.length) return;
    for (const line of $$("line.leader", graph)) line.remove();
    for (const label of labels) {
      const given = label.getAttribute("transform") || "";
      if (label._moved !== given) label._home = given;
      label.style.display = "";
      label.setAttribute("transform", label._home);
    }
    const box = (node) => node.getBoundingClientRect(), owner = (node) => { const drawn = node.closest(".trace"); return (drawn && drawn.__data__ && drawn.__data__[0].trace) || {}; };
    const frame = box(graph), kept = $$(".colorbar .cbtitle, .colorbar .cbfills, .colorbar .cbaxis", graph).map(box);
    const points = $$(".geo .scatterlayer path.point", graph).map((mark) => [owner(mark).meta, mark]);
    const boxes = (what) => points.filter(([meta]) => meta === what).map(([, mark]) => box(mark));
    const marks = boxes("mark"), all = [...marks, ...boxes("quiet")];
    const seen = labels.map((label) => {
      const trace = owner(label), beside = trace.meta === "beside", ground = beside && label.closest(".geo") && $(".bg rect", label.closest(".geo"));
      return { label: label, trace: trace, beside: beside, box: box(label), room: ground ? box(ground) : frame, at: beside && label.parentNode.getScreenCTM() };
    });
    const free = (box, among) => !among.some((k) => box.left < k.right + 2 && box.right > k.left - 2 && box.top < k.bottom + 1 && box.bottom > k.top - 1);
    for (const { label, trace, beside, box, room, at } of seen) {  // the server sends the largest places first, the worst stations first
      const spot = beside ? trace.marker.size : 0, moved = ([x, y]) => ({ left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y });
      const fits = (over) => (by) => {
        const to = moved(by), inside = to.left >= room.left && to.right <= room.right && to.top >= room.top && to.bottom <= room.bottom;
        return inside && free(to, kept) && (trace.meta === "mark" || free(to, over)) && kept.push(to);
      };
      const spots = beside ? around(box, spot) : trace.meta && trace.meta.out ? [[0, 0], [0, box.height + 2]] : [[0, 0]];
      const found = spots.find(fits(all)) || (beside && spots.find(fits(marks)));
      if (!found) label.style.display = "none";
      else if (found[0] || found[1]) label.setAttribute("transform", `${label._home}translate(${found[0]},${found[1]})`);
      if (found && found[2]) leader(label.parentNode, at, moved(found), box.left - spot / 2, (box.top + box.bottom) / 2);
      label._moved = label.getAttribute("transform") || "";
    }
  };
  // Where words may stand beside a mark: right, left, above, below it; then farther off, with a line to it.
  const around = (box, spot) => {
    const w = box.width, h = box.height, middle = -w / 2 - spot / 2;
    const close = [[0, 0], [-w - spot, 0], [middle, -h / 2 - spot / 2], [middle, h / 2 + spot / 2], [0, -h * 0.7], [0, h * 0.7], [-w - spot, -h * 0.7], [-w - spot, h * 0.7]];
    const far = [];
    for (let r = 1.6 * h; r < 5 * h; r += h) for (let a = 0; a < 12; a += 1) {
      const x = Math.cos((a * Math.PI) / 6) * r, y = Math.sin((a * Math.PI) / 6) * r;
      far.push([x >= -1 ? x : x - w - spot, y, true]);
      if (Math.abs(y) > h) far.push([middle + x, y, true]);
    }
    return [...close, ...far];
  };
  const leader = (home, at, to, x, y) => {
    const line = document.createElementNS(SVG, "line");
    line.setAttribute("class", "leader");
    const ends = { x1: x, y1: y, x2: Math.max(to.left - 2, Math.min(x, to.right + 2)), y2: (to.top + to.bottom) / 2 };
    for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value - (name[0] === "x" ? at.e : at.f));
    home.insertBefore(line, home.firstChild);
  };
  const framed = (figure, graph) => {  // the map's bounds, widened to the shape of its place; as often as that changes
    const geos = Object.entries(figure.layout).filter(([name, geo]) => /^geo\d*$/.test(name) && geo.lonaxis).map(([, geo]) => geo);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    for (const geo of geos) widened(geo, graph, rem);
    const [first] = geos;
    for (const trace of figure.data) if (first && trace.meta && trace.meta.out) {  // callouts stand at the edges
      trace._lon = trace._lon || trace.lon;
      trace.visible = graph.clientWidth >= 31 * rem;
      trace.lon = trace._lon.map((lon, i) => {
        const out = trace.meta.out[i], side = +(out > 0);
        return lon === null || !out ? lon : lon + first.lonaxis.range[side] - first._asked.lon[side];
      });
    }
  };
  const widened = (geo, graph, rem) => {
    const asked = geo._asked = geo._asked || { lon: geo.lonaxis.range, lat: geo.lataxis.range };
    if (geo.domain.y[0] > 0 && geo.domain.y[0] < 0.3) geo.domain.y = [Math.min(0.25, 4.4 * rem / graph.clientHeight), geo.domain.y[1]];  // the legend's lines
    const [left, right] = geo.domain.x, [low, top] = geo.domain.y;
    const [west, east] = asked.lon, [south, north] = asked.lat, turn = Math.PI / 180;
    const narrow = Math.cos(((south + north) / 2) * turn), aspect = (graph.clientWidth * (right - left)) / (graph.clientHeight * (top - low));
    let wide = (east - west) * narrow, high = north - south;
    wide = Math.max(wide, high * aspect); high = Math.max(high, wide / aspect);
    const x = (west + east) / 2, y = (south + north) / 2;
    geo.lonaxis.range = [x - wide / narrow / 2, x + wide / narrow / 2];
    geo.lataxis.range = [y - high / 2, y + high / 2];
  };
  const STILL = "citydeck.still", SMOOTH = 50;  // ms between two frames
  let still = calm || sessionStorage.getItem(STILL) !== null;
  const paced = (graph) => requestAnimationFrame((first) => requestAnimationFrame((second) => {
    if (second - first <= SMOOTH) return;
    still = true;  // where a program draws instead of a graphics card a flight costs more than all panels of the page
    sessionStorage.setItem(STILL, "");
    land(graph);
  }));
  const fly = (graph, code) => {
    if (still) return;
    const layer = $(".geolayer", graph);
    if (!layer) return;
    const target = $$(".choroplethlayer path", graph).find((p) => p.__data__ && (p.__data__.loc === code || p.__data__.id === code));
    if (!target) return;
    const b = target.getBBox(), w = graph.clientWidth, h = graph.clientHeight;
    const k = Math.min(w / b.width, h / b.height, 6) * 0.8;
    layer.style.transition = "transform 220ms ease-in, opacity 220ms ease-in";
    layer.style.transform = `translate(${w / 2 - k * (b.x + b.width / 2)}px, ${h / 2 - k * (b.y + b.height / 2)}px) scale(${k})`;
    layer.style.opacity = "0.55";
    graph._flying = true;
    paced(graph);
  };
  const land = (graph) => {
    if (!graph._flying) return;
    graph._flying = false;
    const layer = $(".geolayer", graph);
    if (!layer) return;
    layer.style.transition = "none";
    layer.style.transform = "";
    layer.style.opacity = "";
  };
  window.citydeck.maps = { framed: framed, places: places, fly: fly, land: land };
})();
