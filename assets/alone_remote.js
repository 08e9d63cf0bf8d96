/* A phone that tells one wall what to show. */
(function () {
  "use strict";
  const root = document.documentElement, words = JSON.parse(root.dataset.words), lang = root.lang === "en" ? "en" : "zh";
  const make = (tag, name, text) => { const made = document.createElement(tag); made.className = name || ""; if (text) made.textContent = text; return made; };
  const fill = (key, values) => words[key].replace(/{(\w+)}/g, (_, name) => values[name]);
  const place = make("main", "remote");
  document.body.append(place);
  let told = "", timer = 0;

  const post = async (what, body) => {
    const reply = await fetch(`/remote/${what}?lang=${lang}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return { ok: reply.ok, status: reply.status, told: await reply.json().catch(() => ({})) };
  };
  const ask = (said) => {  // for the code
    clearInterval(timer);
    told = "";
    delete sessionStorage.token;
    const form = make("form"), input = make("input"), label = make("label", "", words.code), button = make("button", "go", words.pair), answer = make("p", "answer", said);
    Object.assign(input, { inputMode: "numeric", autocomplete: "one-time-code", maxLength: 7, value: location.hash.slice(1).replace(/\D/g, "").slice(0, 6) });
    answer.setAttribute("role", "alert");
    label.append(input);
    form.append(make("h1", "", words.title), make("p", "sub", words.where), label, button, answer);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const got = await post("pair", { code: input.value.replace(/\D/g, "") }).catch(() => ({ ok: false, told: { said: words.gone } }));
      button.disabled = false;
      if (!got.ok) { answer.textContent = got.told.said || words.gone; input.select(); return; }
      sessionStorage.token = got.told.token;
      history.replaceState(null, "", location.pathname + location.search);
      begin();
    });
    place.replaceChildren(form);
    input.focus();
  };
  const begin = () => { refresh(); timer = setInterval(refresh, 2000); };
  const act = async (what, arg) => {
    const got = await post("do", { token: sessionStorage.token, act: what, arg: arg || "" }).catch(() => ({ ok: false, told: { said: words.gone } }));
    if (got.status === 403) return ask(got.told.said);
    if (!got.ok && got.told.said) place.querySelector(".answer").textContent = got.told.said;
    setTimeout(refresh, 300);
  };
  const refresh = async () => {
    const got = await post("state", { token: sessionStorage.token }).catch(() => ({ ok: false, told: { gone: true } }));
    if (got.status === 403) return ask(got.told.said);
    const mark = JSON.stringify(got.told);
    if (mark === told) return;
    told = mark;
    draw(got.told);
  };
  const button = (name, text, what, arg) => { const made = make("button", name, text); made.addEventListener("click", () => act(what, arg)); return made; };
  const draw = (state) => {
    const head = make("header");
    head.append(make("h1", "", words.title));
    if (root.dataset.demo) head.append(make("span", "demo", root.dataset.demo));
    const parts = [head];
    if (state.gone) parts.push(make("p", "sub", words.gone));
    else {
      if (state.alarm) {
        const box = make("section", "alarm " + state.alarm.colour), who = make("p", "who");
        who.append(make("b", "", state.alarm.word), make("strong", "", state.alarm.name), make("span", "sub", state.alarm.place));
        box.append(who, make("p", "what", state.alarm.said), button("ack", words.acknowledge, "acknowledge", state.alarm.key));
        parts.push(box);
      }
      const keys = make("div", "keys"), held = state.held > 0;
      keys.append(button("", "‹ " + words.previous, "previous"), button("", held ? words.resume : words.pause, held ? "resume" : "pause"), button("", words.next + " ›", "next"));
      parts.push(make("p", "sub status", held ? fill("held", { n: state.held }) : words.runs), keys);
      const list = make("ol", "scenes");
      for (const one of state.scenes) {
        const item = make("li"), choose = button("", one.title, "scene", one.key);
        if (one.key === state.shown) choose.setAttribute("aria-current", "true");
        item.append(choose);
        list.append(item);
      }
      parts.push(list);
    }
    const answer = make("p", "answer");
    answer.setAttribute("role", "alert");
    place.replaceChildren(...parts, answer);
  };
  sessionStorage.token ? begin() : ask("");
})();
