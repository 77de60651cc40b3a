// Sets dark or light before the first paint; "auto" follows the system and its changes.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme || "auto";
    root.dataset.bsTheme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
    root.dispatchEvent(new CustomEvent("themechange"));
  };
  dark.addEventListener("change", apply);
  apply();
})();
