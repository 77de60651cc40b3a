// Builds ../static/vendor from node_modules: strips unused CSS, picks fonts and icons, names files by their content,
// compresses text beforehand and writes manifest.json (logical name -> file name). Run after `npm ci`.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const room = dirname(here);
const out = join(room, "static", "vendor");
const TEXT = new Set([".css", ".js", ".svg"]);
const WEIGHTS = [400, 500, 600, 700];
// The order matters: of two faces that hold a letter the browser fetches the one declared last, so Vietnamese and plain
// Latin come after the larger extended set.
const SUBSETS = ["latin-ext", "vietnamese", "latin"];

const manifest = {};

function emit(name, content) {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const extension = extname(name);
  const file = `${name.slice(0, -extension.length)}.${hash}${extension}`;
  writeFileSync(join(out, file), bytes);
  if (TEXT.has(extension)) writeFileSync(join(out, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  manifest[name] = file;
  return file;
}

function read(...parts) {
  return readFileSync(join(modules, ...parts), "utf8");
}

function sources(folder, extensions) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path, extensions);
    return extensions.has(extname(entry.name)) ? [{ raw: readFileSync(path, "utf8"), extension: "html" }] : [];
  });
}

function fonts() {
  const faces = [];
  for (const weight of WEIGHTS) {
    const css = read("@fontsource", "be-vietnam-pro", `${weight}.css`);
    for (const subset of SUBSETS) {
      const name = `be-vietnam-pro-${subset}-${weight}-normal`;
      const range = new RegExp(`/\\* ${name} \\*/[^}]*unicode-range:\\s*([^;]+);`).exec(css)[1];
      const source = readFileSync(join(modules, "@fontsource", "be-vietnam-pro", "files", `${name}.woff2`));
      const file = emit(`${name}.woff2`, source);
      faces.push(
        `@font-face{font-family:"Be Vietnam Pro";font-style:normal;font-display:swap;font-weight:${weight};` +
          `src:url(${file}) format("woff2");unicode-range:${range}}`,
      );
    }
  }
  faces.push(figures());
  return faces.join("\n");
}

// Be Vietnam Pro has no tabular figures: 1 is half as wide as 0 and numbers would dance. Digits alone come from Public Sans.
function figures() {
  const source = readFileSync(join(modules, "@fontsource-variable", "public-sans", "files", "public-sans-latin-wght-normal.woff2"));
  const file = emit("public-sans-latin-wght-normal.woff2", source);
  return (
    '@font-face{font-family:"EduNOC Figures";font-style:normal;font-display:swap;font-weight:100 900;' +
    `src:url(${file}) format("woff2");unicode-range:U+30-39}`
  );
}

async function styles() {
  const content = [
    ...sources(join(room, "templates"), new Set([".html"])),
    ...sources(join(room, "pages"), new Set([".py"])),
    ...sources(join(room, "static", "own"), new Set([".js"])),
    { raw: readFileSync(join(here, "keep.txt"), "utf8"), extension: "html" },
  ];
  const [purged] = await new PurgeCSS().purge({
    content,
    css: [{ raw: read("@tabler", "core", "dist", "css", "tabler.min.css") }],
    defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
    safelist: { greedy: [/data-bs-theme/], standard: ["html", "body"] },
    keyframes: true,
  });
  const chart = read("uplot", "dist", "uPlot.min.css");
  return [fonts(), purged.css.replace(/\/\*#.*?\*\//g, ""), chart].join("\n");
}

function sprite() {
  const wanted = JSON.parse(readFileSync(join(here, "icons.json"), "utf8"));
  const symbols = wanted.map((name) => {
    const [style, file] = name.endsWith("-filled") ? ["filled", name.slice(0, -7)] : ["outline", name];
    const svg = read("@tabler", "icons", "icons", style, `${file}.svg`);
    const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)[1].replace(/\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "");
    const paint = style === "filled" ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-width="1.75"';
    return `<symbol id="${name}" viewBox="0 0 24 24" ${paint} stroke-linecap="round" stroke-linejoin="round">${body.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
emit("vendor.css", await styles());
emit("htmx.js", read("htmx.org", "dist", "htmx.min.js"));
emit("idiomorph.js", read("idiomorph", "dist", "idiomorph-ext.min.js"));
emit("uplot.js", read("uplot", "dist", "uPlot.iife.min.js"));
emit("cytoscape.js", read("cytoscape", "dist", "cytoscape.min.js"));
emit("icons.svg", sprite());
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
console.log(`static/vendor: ${Object.keys(manifest).length} files`);
