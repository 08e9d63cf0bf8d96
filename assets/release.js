/* The release board: a plan is edited by numbers or by its dots, and becomes part of the address; what a person writes is
   sent to be kept. Nothing here, and nothing behind it, moves a gate. */
(function () {
  "use strict";
  const go = (fields) => {  // as any link of the page does
    const link = document.createElement("a");
    link.dataset.fields = JSON.stringify(fields);
    link.href = "#";
    link.hidden = true;
    document.body.append(link);
    link.click();
    link.remove();
  };
  const two = (n) => String(n).padStart(2, "0");
  const step = (local, flow) => {
    const [day, time] = local.split("T");
    return day.slice(5).replace("-", "") + "T" + time.slice(0, 5).replace(":", "") + "-" + Math.max(0, Math.round(Number(flow)));
  };
  const local = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
  const plan = (form) => [...form.querySelectorAll(".plan-step")]
    .map((row) => [...row.querySelectorAll("input")].map((input) => input.value))
    .filter(([when, flow]) => when && flow !== "").sort().map(([when, flow]) => step(when, flow)).join(",");
  let last = 0, asked = 0;
  const address = (form) => {
    const query = new URLSearchParams(location.search), text = plan(form);
    text ? query.set("plan", text) : query.delete("plan");
    return "?" + query;
  };
  const tried = async (form) => {  // the board alone at once; the address, and with it the page, once the hand rests
    clearTimeout(last);
    const mine = ++asked, board = form.closest("section.panel"), text = plan(form), reply = await fetch("/flood/board" + address(form));
    if (mine !== asked || !reply.ok) return;
    const tree = await reply.text(), at = document.activeElement, inputs = () => [...board.querySelectorAll(".plan-edit input")];
    const place = at && at.closest(".plan-edit") ? inputs().indexOf(at) : -1;
    if (place >= 0) at.blur();
    if (mine !== asked) return;
    board.dataset.tree = tree.replace(/^{"stamp":"[^"]*"/, () => '{"stamp":' + JSON.stringify(board.dataset.stamp));
    if (place >= 0) requestAnimationFrame(() => requestAnimationFrame(() => (inputs()[place] || document.body).focus()));
    const settle = () => {
      if (!new URLSearchParams(location.search).get("reservoir")) return;  // closed meanwhile
      if (board.querySelector(".plan-edit :focus")) last = setTimeout(settle, 1000);
      else go({ plan: text });
    };
    last = setTimeout(settle, 4000);
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest(".plan-edit");
    if (form) tried(form);
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest(".plan-edit"), send = event.target.closest(".sheet-form .send");
    const opens = event.target.closest(".sheet-step .opens");
    if (opens) {
      const mine = opens.nextElementSibling;
      for (const other of document.querySelectorAll(".sheet-form")) {
        other.hidden = other !== mine || !other.hidden;
        other.parentElement.classList.toggle("writing", !other.hidden);
      }
      return mine.hidden ? undefined : mine.querySelector("input").focus();
    }
    if (send) return sent(send.closest(".sheet-form"));
    if (!form) return;
    if (event.target.closest(".remove")) { event.target.closest(".plan-step").remove(); tried(form); }
    if (event.target.closest(".add")) {
      const rows = form.querySelectorAll(".plan-step"), end = rows[rows.length - 1];
      const [when, flow] = end ? [...end.querySelectorAll("input")].map((input) => input.value) : [form.dataset.seed, form.dataset.flow];
      const later = new Date(when);
      if (end) later.setHours(later.getHours() + 2);
      const before = plan(form), more = step(local(later), Number(flow) + (end ? 50 : 100));
      go({ plan: before ? before + "," + more : more });
    }
  });

  /* ---- dots --------------------------------------------------------------------------------------------------- */
  let held = null;
  document.addEventListener("pointerdown", (event) => {
    const dot = event.target.closest(".curve .handle");
    if (!dot) return;
    const curve = dot.closest(".curve"), form = dot.closest(".candidate").querySelector(".plan-edit");
    if (!form || !form.dataset.at) return;
    held = { dot: dot, box: curve.getBoundingClientRect(), form: form, row: form.querySelectorAll(".plan-step")[Number(dot.dataset.step)],
      hours: Number(curve.dataset.hours), high: Number(curve.dataset.high), moved: false };
    dot.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => {
    if (!held || !held.row) return;
    const x = Math.min(Math.max((event.clientX - held.box.left) / held.box.width, 0), 1);
    const y = Math.min(Math.max(1 - (event.clientY - held.box.top) / held.box.height, 0), 1);
    const at = new Date(held.form.dataset.at), minutes = Math.round(x * held.hours * 4) * 15, flow = Math.round(y * held.high / 10) * 10;
    at.setMinutes(at.getMinutes() + minutes);
    held.dot.style.setProperty("--x", x * 100 + "%");
    held.dot.style.setProperty("--at", y * 100 + "%");
    const [when, much] = held.row.querySelectorAll("input");
    when.value = local(at);
    much.value = String(flow);
    held.moved = true;
  });
  document.addEventListener("pointerup", () => {
    if (held && held.moved) tried(held.form);
    held = null;
  });

  /* ---- the advice sheet ------------------------------------------------------------------------------------------ */
  const sent = async (form) => {
    const answer = form.querySelector(".answer"), button = form.querySelector(".send");
    const body = { step: form.dataset.step, number: form.dataset.number, key: form.dataset.key, search: location.search };
    for (const input of form.querySelectorAll("input, textarea")) body[input.name] = input.value;
    button.disabled = true;
    try {
      const reply = await fetch("/flood/advice?lang=" + document.documentElement.dataset.lang, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
      answer.textContent = (await reply.json()).said;
      if (reply.ok) {
        form.hidden = true;
        form.parentElement.classList.remove("writing");
        window.citydeck.ask();
      }
    } catch (error) {
      answer.textContent = String(error);
    }
    button.disabled = false;
  };
})();
