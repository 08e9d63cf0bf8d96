/* What people do with an alarm is sent to be kept. Who they are is asked once and remembered by this browser: there are no
   accounts yet. */
(function () {
  "use strict";
  const typed = {};  // what is being written outlives a redrawing
  const furnish = () => {
    for (const place of document.querySelectorAll(".alarm-input:empty")) {
      const input = document.createElement("input"), label = place.closest("label");
      input.name = place.dataset.name;
      input.maxLength = input.name === "person" ? 40 : 500;
      input.setAttribute("aria-label", label ? label.textContent : "");
      if (input.name === "person") input.value = localStorage.getItem("person") || "";
      const form = place.closest(".alarm-form"), key = (form ? form.dataset.alarm : "") + "|" + input.name;
      if (typed[key]) input.value = typed[key];
      input.addEventListener("input", () => { typed[key] = input.value; });
      place.append(input);
    }
  };
  new MutationObserver(furnish).observe(document.documentElement, { subtree: true, childList: true });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-act]");
    const open = button && button.closest(".alarm-open"), form = open && open.querySelector(".alarm-form");
    if (!open) return;
    const value = (name) => { const input = form && form.querySelector(`input[name="${name}"]`); return input ? input.value.trim() : ""; };
    const person = value("person") || localStorage.getItem("person") || "", answer = form && form.querySelector(".answer");
    const task = button.dataset.task;
    const body = { act: button.dataset.act, person: person, text: value("text"), ...(task ? { task: task } : { alarm: form.dataset.alarm }) };
    button.disabled = true;
    try {
      const reply = await fetch((task ? "/flood/task" : "/flood/alarm") + "?lang=" + document.documentElement.dataset.lang, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
      const said = (await reply.json()).said;
      if (answer) answer.textContent = said;
      if (reply.ok) {
        localStorage.setItem("person", person);
        for (const key of Object.keys(typed)) delete typed[key];
        window.citydeck.ask();
      }
    } catch (error) {
      if (answer) answer.textContent = String(error);
    }
    button.disabled = false;
  });
})();
