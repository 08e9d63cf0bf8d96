/* The page of programmes: a list with what runs now, and the text of one to check and save. */
(function () {
  "use strict";
  const make = (tag, name, text) => { const made = document.createElement(tag); if (name) made.className = name; if (text) made.textContent = text; return made; };
  const lang = () => document.documentElement.dataset.lang;
  const begin = (home) => {
    const words = JSON.parse(home.dataset.programmes), fill = (key, values) => words[key].replace(/{(\w+)}/g, (_, name) => values[name]);
    const list = make("div", "programme-list"), edit = make("div", "programme-edit");
    const area = make("textarea"), person = make("input"), wrong = make("ul", "wrong"), preview = make("div", "programme-preview"), answer = make("span", "answer");
    const link = make("input"), wall = make("select"), play = make("a", "go", words.play), copy = make("button", "copy-kiosk", words.copy), phone = make("p", "sub", words.phone);
    const check = make("button", "check", words.check), save = make("button", "save", words.save), scene = make("input"), add = make("button", "add", words.add);
    let chosen = new URLSearchParams(location.search).get("programme") || "", told = [];
    area.spellcheck = false; area.setAttribute("aria-label", words.text);
    person.placeholder = words.person; person.setAttribute("aria-label", words.person); person.maxLength = 40; person.value = localStorage.getItem("person") || "";
    link.readOnly = true; link.setAttribute("aria-label", words.kiosk);
    wall.setAttribute("aria-label", words.wall);
    scene.placeholder = words.paste; scene.setAttribute("aria-label", words.paste);
    answer.setAttribute("role", "status");
    const row = (...parts) => { const made = make("div", "row"); made.append(...parts); return made; };
    edit.append(make("h2", "", words.kiosk), row(wall, link, copy, play), phone, make("h2", "", words.text), make("p", "sub", words.help), area,
      row(scene, add), row(check, person, save, answer), wrong, preview);
    home.append(list, edit);

    const post = (what, body) => fetch(`/programme/${what}?lang=${lang()}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).then((r) => r.json());
    const ask = async () => {
      const got = await fetch("/programme/list.json?lang=" + lang(), { cache: "no-store" }).then((r) => r.json()).catch(() => null);
      if (!got || !home.isConnected) return;
      told = got.programmes;
      if (!wall.options.length) for (const name of ["", ...got.walls]) wall.append(new Option(name || words.any_wall, name));
      if (!told.some((one) => one.name === chosen)) choose(told[0].name);
      else if (!area.value) choose(chosen);
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
      area.value = told.find((one) => one.name === name).text;
      wrong.replaceChildren(); preview.replaceChildren(); answer.textContent = "";
      linked();
    };
    const linked = () => {
      const query = new URLSearchParams({ programme: chosen, ...(wall.value ? { wall: wall.value } : {}), ...(lang() === "en" ? { lang: "en" } : {}) });
      link.value = location.origin + "/play?" + query;
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
    copy.addEventListener("click", () => { link.select(); navigator.clipboard && navigator.clipboard.writeText(link.value); });
    check.addEventListener("click", async () => { answer.textContent = ""; say(await post("check", { text: area.value })); });
    add.addEventListener("click", () => {
      try {
        const url = new URL(scene.value, location.origin), query = new URLSearchParams(url.search);
        for (const name of ["mode", "lang", "theme", "wall"]) query.delete(name);
        const quoted = (text) => JSON.stringify(text), key = (url.pathname.slice(1) || "overview") + "-" + (area.value.split("[[scene]]").length);
        const block = `\n[[scene]]\nkey = ${quoted(key)}\npage = ${quoted(url.pathname)}\nview = ${quoted(query.toString())}\nseconds = 20\n`;
        const at = area.value.indexOf("[[shift]]");
        area.value = at < 0 ? area.value + block : area.value.slice(0, at) + block.slice(1) + "\n" + area.value.slice(at);
        scene.value = "";
      } catch (none) { scene.select(); }
    });
    save.addEventListener("click", async () => {
      save.disabled = true;
      const got = await post("save", { text: area.value, person: person.value }).catch(() => ({ wrong: [words.failed] }));
      save.disabled = false;
      answer.textContent = got.said || "";
      say(got);
      if (!got.name) return;
      localStorage.setItem("person", person.value);
      chosen = got.name;
      linked(); ask();
    });
    ask();
    const timer = setInterval(() => (home.isConnected ? ask() : clearInterval(timer)), 5000);
  };
  new MutationObserver(() => {
    const home = document.querySelector("[data-programmes]:empty");
    if (home && !home._begun) { home._begun = true; begin(home); }
  }).observe(document.documentElement, { subtree: true, childList: true });
})();
