// A page that is to be printed or photographed whole keeps the layout of its window: what rules say of the window's size
// (media queries, vh, vw) is said once and for all in the pixels that it has now.
() => {
  const wide = innerWidth / 100, high = innerHeight / 100;
  const pixels = (text) => text
    .replace(/(-?\d*\.?\d+)vh\b/g, (_, n) => `${n * high}px`).replace(/(-?\d*\.?\d+)vw\b/g, (_, n) => `${n * wide}px`);
  const said = (rule) => {
    if (rule instanceof CSSMediaRule) return matchMedia(rule.conditionText).matches ? [...rule.cssRules].map(said).join("\n") : "";
    return pixels(rule.cssText);
  };
  for (const sheet of [...document.styleSheets]) {
    const rules = [...sheet.cssRules];
    if (rules.some((rule) => rule instanceof CSSFontFaceRule)) continue;  // its addresses are relative to its own
    const still = new CSSStyleSheet();
    still.replaceSync(rules.map(said).join("\n"));
    document.adoptedStyleSheets.push(still);
    sheet.disabled = true;
  }
  return document.documentElement.scrollHeight;
}
