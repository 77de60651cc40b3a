// Sets dark or light before the first paint; "auto" follows the system and its changes. Paper is always light.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  const apply = () => {
    const wanted = root.dataset.theme || "auto";
    root.dataset.bsTheme = paper.matches ? "light" : wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
    root.dispatchEvent(new CustomEvent("themechange"));
  };
  dark.addEventListener("change", apply);
  paper.addEventListener("change", apply);
  apply();
})();
