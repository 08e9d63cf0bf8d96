/* Seams: where two displays of a wall meet (data-seams of the root element) no text may stand, least of all a number.
   First the gutters between panels move onto the seams that are near; then what still stands across one is moved aside.
   All is worked out anew from the stylesheet's own layout each time, so the same page always comes to the same place. */
(function () {
  "use strict";
  const root = document.documentElement;
  const $$ = (q, in_) => [...(in_ || document).querySelectorAll(q)];
  const AXES = {
    x: { from: "left", to: "right", size: "width", gap: "columnGap", tracks: "gridTemplateColumns", pad: "paddingLeft", flex: "row", shift: (by) => `${by}px 0` },
    y: { from: "top", to: "bottom", size: "height", gap: "rowGap", tracks: "gridTemplateRows", pad: "paddingTop", flex: "column", shift: (by) => `0 ${by}px` },
  };
  const LEAST = 0.6, MOST = 1.9;  // how much narrower and wider a track may become
  const stretch = (axis) => parseFloat(getComputedStyle(root).getPropertyValue(axis === "x" ? "--wide" : "--high")) || 1;
  const em = () => parseFloat(getComputedStyle(root).fontSize);
  const shown = (one) => one.getClientRects().length > 0;

  /* Seams of an axis as they lie in the window: [from, to]. */
  const seams = (axis) => {
    if (root.dataset.mode !== "wall" || !root.dataset.seams) return [];
    const side = axis === "x" ? innerWidth : innerHeight;
    return JSON.parse(root.dataset.seams)[axis].map(([at, behind]) => [side * (at - behind / 2), side * (at + behind / 2)]);
  };

  /* ---- gutters ------------------------------------------------------------------------------------------------------ */
  /* New sizes of tracks so that as many seams as can be lie in gutters, with the least change; null: none can. */
  const aligned = (sizes, fixed, gap, wanted) => {
    let best = null;
    const total = sizes.reduce((a, b) => a + b, 0) + gap * (sizes.length - 1);
    const resized = (pins) => {  // pins: [track before the gutter, where its middle shall be]
      const made = [];
      let first = 0, from = 0;
      for (const [track, at] of [...pins, [sizes.length - 1, total + gap / 2]]) {
        const part = sizes.slice(first, track + 1), still = part.filter((_, i) => fixed[first + i]).reduce((a, b) => a + b, 0);
        const room = at - gap / 2 - from - gap * (part.length - 1) - still, was = part.reduce((a, b) => a + b, 0) - still;
        if (was <= 0 && Math.abs(room) > 1) return null;
        part.forEach((size, i) => made.push(fixed[first + i] ? size : (size * room) / was));
        first = track + 1; from = at + gap / 2;
      }
      return made;
    };
    const choose = (seam, track, pins) => {
      if (seam === wanted.length) {
        const made = pins.length ? resized(pins) : null;
        if (!made) return;
        const change = Math.max(...made.map((size, i) => Math.max(size / sizes[i], sizes[i] / size)));
        if (made.some((size, i) => size < LEAST * sizes[i] || size > MOST * sizes[i])) return;
        if (!best || pins.length > best.pins || (pins.length === best.pins && change < best.change - 1e-6)) best = { pins: pins.length, change: change, sizes: made };
        return;
      }
      for (let next = track; next < sizes.length - 1; next += 1) choose(seam + 1, next + 1, [...pins, [next, wanted[seam]]]);
      choose(seam + 1, track, pins);
    };
    choose(0, 0, []);
    return best && best.sizes;
  };
  const inFlow = (box) => [...box.children].filter((one) => shown(one) && !/absolute|fixed/.test(getComputedStyle(one).position));
  const sized = new Set();  // parts whose share was set here
  /* Moves the gutters of one box along one axis. */
  const align = (box, axis) => {
    const a = AXES[axis], by = stretch(axis), style = getComputedStyle(box), all = seams(axis);
    const start = box.getBoundingClientRect()[a.from] / by + parseFloat(style[a.pad]), gap = parseFloat(style[a.gap]) || 0;
    if (style.display === "grid") {
      const sizes = style[a.tracks].split(" ").map(parseFloat);
      if (sizes.length < 2 || sizes.some((size) => !(size > 0))) return;
      const end = start + sizes.reduce((one, other) => one + other, 0) + gap * (sizes.length - 1);
      const wanted = all.map(([from, to]) => (from + to) / 2 / by).filter((at) => at > start && at < end).map((at) => at - start);
      const made = wanted.length && aligned(sizes, sizes.map((size) => axis === "y" && size < 9 * em()), gap, wanted);
      if (made) box.style[a.tracks] = made.map((size) => `${size.toFixed(2)}px`).join(" ");
    } else if (style.display === "flex" && style.flexDirection === a.flex) {
      const parts = inFlow(box), sizes = parts.map((one) => one.getBoundingClientRect()[a.size] / by);
      if (parts.length < 2) return;
      const end = start + sizes.reduce((one, other) => one + other, 0) + gap * (sizes.length - 1);
      const wanted = all.map(([from, to]) => (from + to) / 2 / by).filter((at) => at > start && at < end).map((at) => at - start);
      const made = wanted.length && aligned(sizes, sizes.map(() => false), gap, wanted);
      if (made) made.forEach((size, i) => { parts[i].style.flex = `${size.toFixed(2)} 1 0px`; sized.add(parts[i]); });
    }
  };
  /* What panels stand in, the page's grid first. */
  const boxes = () => {
    const found = new Set();
    for (const panel of $$("#main section.panel")) for (let one = panel.parentElement; one && one.id !== "main"; one = one.parentElement) found.add(one);
    for (const tiles of $$("#main .tiles")) found.add(tiles);
    return [...found].filter(shown).sort((one, other) => (one.contains(other) ? -1 : other.contains(one) ? 1 : 0));
  };
  const written = (all) => all.map((box) => [box.style.gridTemplateColumns, box.style.gridTemplateRows, ...[...box.children].map((one) => one.style.flex)].join()).join("|");
  /* All gutters anew; whether anything moved. */
  const gutters = () => {
    const all = boxes(), before = written(all);
    for (const box of all) box.style.gridTemplateColumns = box.style.gridTemplateRows = "";
    for (const part of sized) part.style.flex = "";
    sized.clear();
    if (root.dataset.seams) for (const box of all) { align(box, "x"); align(box, "y"); }
    return written(all) !== before;
  };

  /* ---- texts -------------------------------------------------------------------------------------------------------- */
  let moved = [];  // what to undo
  const undo = () => { for (const back of moved.reverse()) back(); moved = []; };
  const crosses = (box, axis, [from, to]) => {  // a line of text is higher than its letters
    const near = axis === "y" ? 0.2 * em() * stretch("y") : to - from > 2 ? 0.5 : 1;
    return box[AXES[axis].from] < to - near && box[AXES[axis].to] > from + near;
  };
  const texts = () => {
    const found = [];
    for (const place of $$("#frame, #main, #foot")) {
      const walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
      for (let node; (node = walk.nextNode());) {
        if (!node.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const rects = [...range.getClientRects()].filter((box) => box.width && box.height);
        if (rects.length) found.push({ node: node, rects: rects });
      }
    }
    return found.filter(({ node }) => getComputedStyle(node.parentElement).visibility !== "hidden");
  };
  const over = (one, other) => one.left < other.right - 1 && one.right > other.left + 1 && one.top < other.bottom - 2 && one.bottom > other.top + 2;
  const displaced = (box, axis, by) => axis === "x" ? { left: box.left + by, right: box.right + by, top: box.top, bottom: box.bottom } : { left: box.left, right: box.right, top: box.top + by, bottom: box.bottom + by };
  const within = (box, room) => box.left >= room.left - 1 && box.right <= room.right + 1 && box.top >= room.top - 1 && box.bottom <= room.bottom + 1;
  /* The box that moves as one with a text, and the room it may move in. */
  const holder = (node) => {
    const drawn = node.parentElement.closest("text");
    if (drawn) return [drawn, drawn.ownerSVGElement.closest(".picture, .panel, .tile") || drawn.ownerSVGElement];
    let box = node.parentElement;
    while (/^inline$|contents/.test(getComputedStyle(box).display)) box = box.parentElement;
    return [box, box.closest("li, .tile, .picture, .panel, .frame, .foot") || box];
  };
  /* Moves the whole box of a text to the nearer side of a seam where nothing is in its way. */
  const aside = (text, axis, [from, to], all) => {
    const [box, place] = holder(text.node), room = place.getBoundingClientRect(), ink = all.filter((one) => box.contains(one.node)).flatMap((one) => one.rects);
    const low = Math.min(...ink.map((one) => one[AXES[axis].from])), high = Math.max(...ink.map((one) => one[AXES[axis].to])), clear = 0.15 * em() * stretch(axis);
    const others = all.filter((one) => !box.contains(one.node)).flatMap((one) => one.rects);
    for (const by of [from - clear - high, to + clear - low].sort((a, b) => Math.abs(a) - Math.abs(b))) {
      const there = ink.map((one) => displaced(one, axis, by));
      if (there.some((one) => !within(one, room) || others.some((other) => over(one, other)) || seams(axis).some((seam) => crosses(one, axis, seam)))) continue;
      const svg = box.ownerSVGElement && box.ownerSVGElement.getScreenCTM(), unit = svg ? (axis === "x" ? svg.a : svg.d) : stretch(axis);
      box.style.translate = AXES[axis].shift((by / unit).toFixed(2));
      moved.push(() => { box.style.translate = ""; });
      for (const one of all) if (box.contains(one.node)) one.rects = one.rects.map((rect) => displaced(rect, axis, by));
      return true;
    }
    return false;
  };
  /* In a line of words a gap opens at the seam, before the number or the letter that stood across it. */
  const opened = (text, [from, to]) => {
    const words = text.node.textContent, range = document.createRange(), by = stretch("x");
    const box = (start, end) => { range.setStart(text.node, start); range.setEnd(text.node, end); return range.getBoundingClientRect(); };
    for (const [word] of [...words.matchAll(/[-+−–\d.,:%\/]+\s?[^\s\d\u4e00-\u9fff]*|[A-Za-z'’-]+|\S/g)].map((found) => [found])) {
      const old = box(word.index, word.index + word[0].length);
      if (!crosses(old, "x", [from, to]) || old.height > 2.5 * em()) continue;
      const line = holder(text.node)[0], was = line.scrollWidth - line.clientWidth;
      const gap = document.createElement("i"), rest = text.node.splitText(word.index);
      gap.className = "seam-gap";
      gap.style.width = `${((to - old.left) / by + 0.15 * em()).toFixed(2)}px`;
      rest.before(gap);
      const back = () => { gap.remove(); text.node.data += rest.data; rest.remove(); };
      range.setStart(rest, 0); range.setEnd(rest, word[0].length);
      if (crosses(range.getBoundingClientRect(), "x", [from, to]) || line.scrollWidth - line.clientWidth > Math.max(was, 0) + 1) { back(); return false; }
      moved.push(back);
      return true;
    }
    return true;  // the seam lies between two words
  };
  /* Rows of a list go on below the seam. */
  const lowered = (text, [from, to]) => {
    const row = text.node.parentElement.closest("li");
    if (!row || row.closest("svg")) return false;
    const box = row.getBoundingClientRect(), by = (to + 0.1 * em() - box.top) / stretch("y");
    if (by > box.height || by < 0) return false;
    row.style.marginTop = `${by.toFixed(2)}px`;
    moved.push(() => { row.style.marginTop = ""; });
    return true;
  };
  const clear = () => {
    undo();
    for (const seam of seams("y")) {
      let all = texts();
      for (const text of all.filter((one) => one.rects.some((box) => crosses(box, "y", seam)))) {
        if (!text.node.isConnected || !text.rects.some((box) => crosses(box, "y", seam))) continue;
        if (lowered(text, seam)) { all = texts(); break; }
      }
      window.citydeck.fit();
      all = texts();
      for (const text of all) if (text.rects.some((box) => crosses(box, "y", seam))) aside(text, "y", seam, all);
    }
    for (const seam of seams("x")) for (const _again of [false, true]) {  // a text that was opened is other nodes then
      const all = texts();
      for (const text of all) {
        if (!text.node.isConnected || !text.rects.some((box) => crosses(box, "x", seam))) continue;
        const [box] = holder(text.node), drawn = box.tagName === "text", words = text.node.textContent.trim();
        const line = !drawn && box.textContent.trim().length > Math.max(24, words.length);
        if ((!line && aside(text, "x", seam, all)) || (!drawn && !box.closest("header > h2") && opened(text, seam))) continue;
        if (line) aside(text, "x", seam, all);
        if (drawn && box.closest(".xtick, .ytick")) { box.style.visibility = "hidden"; moved.push(() => { box.style.visibility = ""; }); }
      }
    }
  };

  let tries = 0;
  document.addEventListener("laid-out", (event) => {
    if (root.dataset.mode !== "wall") return;
    if (gutters() && tries < 3) { tries += 1; return event.preventDefault(); }  // charts are drawn to their new size first
    tries = 0;
    if (root.dataset.seams) clear();
    else undo();
  });
  let grid = null;
  new MutationObserver(() => {  // before the first chart is drawn
    const now = root.dataset.mode === "wall" && document.querySelector("#main .grid");
    if (now && now !== grid) { grid = now; gutters(); }
  }).observe(root, { subtree: true, childList: true });
  addEventListener("resize", () => { grid = null; });
})();
