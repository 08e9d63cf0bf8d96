// One slide of a briefing as a sheet of paper: its sentence, the panel alone in a frame of its own, its address.
([words, address, link]) => {
  const made = (tag, name, ...inside) => {
    const one = document.createElement(tag);
    one.className = name;
    one.append(...inside);
    return one;
  };
  const frame = made("iframe", "panel-alone");
  if (address) frame.src = address;
  document.body.append(made("section", "leaf", made("h1", "", words), address ? frame : made("p", "why", link), made("p", "link", address ? link : "")));
}
