/* The page of programmes: a list with what runs now, and one of them as a form or as text, to check and save. */
(function () {
  "use strict";
  const make = (tag, name, text) => { const made = document.createElement(tag); if (name) made.className = name; if (text) made.textContent = text; return made; };
  const lang = () => document.documentElement.dataset.lang;
  const DAYS = ["all", "workdays", "restdays", "mon", "tue", "wed", "thu", "fri", "sat", "sun"], LEVELS = ["none", "blue", "yellow", "orange", "red"];

  /* ---- the form: it holds the programme as the server tells it, and changes nothing of it but what was changed -------- */
  const formOf = (words, pages) => {
    const home = make("div", "programme-form");
    let held = null;
    const set = (some, name, value) => { if (value === "") delete some[name]; else some[name] = value; };
    const input = (some, name, label, kind, more) => {
      const made = make("input", "f-" + name);
      made.type = kind || "text";
      made.setAttribute("aria-label", label);
      Object.assign(made, more || {});
      if (kind === "checkbox") made.checked = Boolean(some[name]); else made.value = some[name] === undefined ? "" : some[name];
      made.addEventListener("change", () => set(some, name, kind === "checkbox" ? made.checked : kind === "number" ? Math.round(Number(made.value)) : made.value.trim()));
      return made;
    };
    const labelled = (said, made) => { const label = make("label", made.type === "checkbox" ? "tick" : ""); label.append(make("span", "", said), made); return label; };
    const button = (name, said, done, off) => {
      const made = make("button", name, said);
      made.type = "button"; made.disabled = Boolean(off);
      made.addEventListener("click", () => { done(); draw(); });
      return made;
    };
    const moved = (list, n, to) => () => list.splice(to, 0, ...list.splice(n, 1));
    const order = (list, n) => {
      const made = make("span", "order"), up = button("up", "↑", moved(list, n, n - 1), n === 0), down = button("down", "↓", moved(list, n, n + 1), n === list.length - 1);
      up.setAttribute("aria-label", words.up); down.setAttribute("aria-label", words.down);
      made.append(up, down);
      return made;
    };
    const named = (scene) => scene[lang() === "zh" ? "title_zh" : "title_en"] || pages[scene.page] || scene.key;
    const gone = (scene) => {
      held.scene = held.scene.filter((one) => one !== scene);
      for (const shift of held.shift || []) shift.scenes = shift.scenes.filter((key) => key !== scene.key);
      held.shift = (held.shift || []).filter((shift) => shift.scenes.length);
    };
    const address = (scene) => scene.page + (scene.view ? "?" + scene.view : "");
    const sceneRow = (scene, n) => {
      const row = make("li", "scene"), at = make("input", "f-view"), open = make("a", "sub", words.scene_open), title = input(scene, lang() === "zh" ? "title_zh" : "title_en", words.scene_title, "text", { placeholder: named(scene), maxLength: 40 });
      at.value = address(scene); at.setAttribute("aria-label", words.scene_view);
      at.addEventListener("change", () => { const read = link(at.value); if (read) { scene.page = read.page; set(scene, "view", read.view); } draw(); });
      open.href = address(scene); open.target = "_blank";
      row.append(order(held.scene, n), title, at, open, input(scene, "seconds", words.scene_seconds, "number", { min: 5, max: 3600 }), make("span", "sub", words.scene_seconds),
        button("remove", words.remove, () => gone(scene), held.scene.length === 1));
      return row;
    };
    const shiftRow = (shift, n) => {
      const row = make("li", "shift"), head = make("div", "row"), days = make("div", "chips"), scenes = make("div", "chips");
      const chip = (name, on, done) => { const made = button(on ? "on" : "", name, done); made.setAttribute("aria-pressed", String(Boolean(on))); return made; };
      for (const day of DAYS) days.append(chip(words["d_" + day], shift.days.includes(day), () => {
        const whole = DAYS.indexOf(day) < 3, others = shift.days.filter((one) => one !== day && !whole && DAYS.indexOf(one) > 2);
        shift.days = shift.days.includes(day) && others.length ? others : [...others, day].sort((a, b) => DAYS.indexOf(a) - DAYS.indexOf(b));
      }));
      for (const scene of held.scene) {
        const place = shift.scenes.indexOf(scene.key);
        scenes.append(chip((place < 0 ? "" : place + 1 + " ") + named(scene), place >= 0, () => {
          shift.scenes = place < 0 ? [...shift.scenes, scene.key] : shift.scenes.filter((key) => key !== scene.key);
          if (!shift.scenes.length) shift.scenes = [scene.key];
        }));
      }
      const clock = { maxLength: 5, placeholder: "07:30", size: 6 };
      head.append(order(held.shift, n), days, make("span", "sub", words.shift_from), input(shift, "from", words.shift_from, "text", clock), make("span", "sub", words.shift_to), input(shift, "to", words.shift_to, "text", clock),
        button("remove", words.remove, () => held.shift.splice(n, 1)));
      row.append(head, make("p", "sub", words.shift_scenes), scenes);
      return row;
    };
    const choice = (some, name, label, values) => {
      const made = make("select", "f-" + name);
      made.setAttribute("aria-label", label);
      for (const value of values) made.append(new Option(words["l_" + value], value, false, some[name] === value));
      made.addEventListener("change", () => set(some, name, made.value));
      return made;
    };
    const link = (text) => {
      try {
        const url = new URL(text, location.origin), query = new URLSearchParams(url.search);
        for (const name of ["mode", "lang", "theme", "wall"]) query.delete(name);
        return { page: url.pathname, view: query.toString() };
      } catch (none) { return null; }
    };
    const add = (text) => {
      const read = link(text);
      if (!read) return;
      const stem = read.page.slice(1) || "overview", keys = held.scene.map((one) => one.key);
      let key = stem;
      for (let n = 2; keys.includes(key); n += 1) key = stem + "-" + n;
      held.scene.push(Object.assign({ key: key, page: read.page, seconds: 20 }, read.view ? { view: read.view } : {}));
    };
    const draw = () => {
      const names = make("div", "row"), scenes = make("ol", "scenes"), adding = make("div", "row"), shifts = make("ol", "shifts"), rules = make("div", "rules"), options = held.options;
      for (const name of ["name", "title_zh", "title_en"]) names.append(labelled(words["form_" + name], input(held, name, words["form_" + name], "text", { maxLength: name === "title_en" ? 60 : 40 })));
      held.scene.forEach((scene, n) => scenes.append(sceneRow(scene, n)));
      const page = make("select", "page"), paste = make("input", "paste");
      page.append(new Option(words.page, ""), ...Object.entries(pages).map(([path, name]) => new Option(name, path)));
      page.setAttribute("aria-label", words.page);
      page.addEventListener("change", () => { add(page.value); draw(); });
      paste.placeholder = words.paste; paste.setAttribute("aria-label", words.paste);
      adding.append(page, paste, button("add", words.add, () => { if (paste.value.trim()) add(paste.value.trim()); }));
      (held.shift || []).forEach((shift, n) => shifts.append(shiftRow(shift, n)));
      const more = button("more", words.shift_add, () => { held.shift = [...(held.shift || []), { days: ["all"], from: "08:00", to: "20:00", scenes: held.scene.map((one) => one.key) }]; });
      for (const name of ["skip_late", "bursts", "sound"]) rules.append(labelled(words["o_" + name], input(options, name, words["o_" + name], "checkbox")));
      rules.append(labelled(words.o_takeover, choice(options, "takeover", words.o_takeover, LEVELS)));
      for (const [name, low, high] of [["takeover_seconds", 10, 3600], ["pause_seconds", 10, 3600], ["shift_px", 0, 40]])
        rules.append(labelled(words["o_" + name], input(options, name, words["o_" + name], "number", { min: low, max: high })));
      home.replaceChildren(names, make("h3", "", words.scenes), scenes, adding, make("h3", "", words.shifts), make("p", "sub", (held.shift || []).length ? words.shift_help : words.no_shifts), shifts, more, make("h3", "", words.options), rules);
    };
    return { home: home, show: (form) => { held = JSON.parse(JSON.stringify(form)); draw(); }, get: () => held };
  };

  const begin = (home) => {
    const words = JSON.parse(home.dataset.programmes), fill = (key, values) => words[key].replace(/{(\w+)}/g, (_, name) => values[name]);
    const list = make("div", "programme-list"), edit = make("div", "programme-edit");
    const area = make("textarea"), person = make("input"), wrong = make("ul", "wrong"), preview = make("div", "programme-preview"), answer = make("span", "answer");
    const url = make("input"), wall = make("select"), play = make("a", "go", words.play), copy = make("button", "copy-kiosk", words.copy), phone = make("p", "sub", words.phone);
    const check = make("button", "check", words.check), save = make("button", "save", words.save), help = make("p", "sub", words.help), ways = make("div", "ways");
    let chosen = new URLSearchParams(location.search).get("programme") || "", told = [], form = null, written = false;
    area.spellcheck = false; area.setAttribute("aria-label", words.text);
    person.placeholder = words.person; person.setAttribute("aria-label", words.person); person.maxLength = 40; person.value = localStorage.getItem("person") || "";
    url.readOnly = true; url.setAttribute("aria-label", words.kiosk);
    wall.setAttribute("aria-label", words.wall);
    answer.setAttribute("role", "status");
    const row = (...parts) => { const made = make("div", "row"); made.append(...parts); return made; };
    const title = row(make("h2", "", words.text), ways);
    for (const way of ["by_form", "by_text"]) {
      const made = make("button", way, words[way]);
      made.addEventListener("click", () => turn(way === "by_text"));
      ways.append(made);
    }

    const post = (what, body) => fetch(`/programme/${what}?lang=${lang()}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).then((r) => r.json()).catch(() => ({ wrong: [words.failed] }));
    const current = () => (written ? { text: area.value } : { form: form.get() });
    const way = () => {
      help.hidden = area.hidden = !written; form.home.hidden = written;
      for (const made of ways.children) made.setAttribute("aria-pressed", String((made.className === "by_text") === written));
    };
    const turn = async (to) => {  // what is wrong is mended where it was written
      if (to === written) return;
      const got = await post("check", current());
      say(got);
      if (got.wrong.length) return;
      area.value = got.text; form.show(got.form); written = to;
      way();
    };
    const ask = async () => {
      const got = await fetch("/programme/list.json?lang=" + lang(), { cache: "no-store" }).then((r) => r.json()).catch(() => null);
      if (!got || !home.isConnected) return;
      told = got.programmes;
      if (!form) {
        form = formOf(words, got.pages);
        edit.append(make("h2", "", words.kiosk), row(wall, url, copy, play), phone, title, help, form.home, area, row(check, person, save, answer), wrong, preview);
        for (const name of ["", ...got.walls]) wall.append(new Option(name || words.any_wall, name));
        choose(told.some((one) => one.name === chosen) ? chosen : told[0].name);
      }
      draw();
    };
    const draw = () => list.replaceChildren(make("h2", "", words.title), ...told.map((one) => {
      const item = make("button", "programme"), name = make("strong", "", one.title), now = make("span", "now-on", fill("now", { scene: one.scene, place: one.place, left: one.remaining }));
      item.append(name, make("span", "sub", one.name + " · " + one.said), now);
      if (one.alarm) item.append(make("span", "taken", fill("taken", { alarm: one.alarm })));
      if (one.name === chosen) item.setAttribute("aria-current", "true");
      item.addEventListener("click", () => { choose(one.name); draw(); });
      return item;
    }));
    const choose = (name) => {
      chosen = name;
      const one = told.find((some) => some.name === name);
      area.value = one.text; form.show(one.form);
      wrong.replaceChildren(); preview.replaceChildren(); answer.textContent = "";
      way(); linked();
    };
    const linked = () => {
      const query = new URLSearchParams({ programme: chosen, ...(wall.value ? { wall: wall.value } : {}), ...(lang() === "en" ? { lang: "en" } : {}) });
      url.value = location.origin + "/play?" + query;
      play.href = "/play?" + query;
    };
    const say = (got) => {
      wrong.replaceChildren(...got.wrong.map((one) => make("li", "", one)));
      preview.replaceChildren();
      if (!got.coming) return;
      const next = make("ol", "coming"), all = make("div", "shares");
      for (const one of got.coming) { const item = make("li"); item.append(make("time", "", one.at), make("span", "", one.title), make("span", "sub", fill("seconds", { n: one.seconds }))); next.append(item); }
      for (const one of got.shares) { const part = make("span", "", `${one.title} ${Math.round(one.share * 100)}%`); part.style.flexGrow = one.share; all.append(part); }
      preview.append(make("h2", "", words.coming), next, make("h2", "", words.shares), all);
    };
    wall.addEventListener("change", linked);
    copy.addEventListener("click", () => { url.select(); navigator.clipboard && navigator.clipboard.writeText(url.value); });
    check.addEventListener("click", async () => { answer.textContent = ""; say(await post("check", current())); });
    save.addEventListener("click", async () => {
      save.disabled = true;
      const got = await post("save", { ...current(), person: person.value });
      save.disabled = false;
      answer.textContent = got.said || "";
      say(got);
      if (!got.name) return;
      localStorage.setItem("person", person.value);
      chosen = got.name;
      linked(); ask();
    });
    home.append(list, edit);
    ask();
    const timer = setInterval(() => (home.isConnected ? ask() : clearInterval(timer)), 5000);
  };
  new MutationObserver(() => {
    const home = document.querySelector("[data-programmes]:empty");
    if (home && !home._begun) { home._begun = true; begin(home); }
  }).observe(document.documentElement, { subtree: true, childList: true });
})();
