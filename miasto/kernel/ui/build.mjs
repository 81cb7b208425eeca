// Builds the browser assets into var/assets: one style sheet, ES modules, fonts and the icon set.
//
// Every `miasto/**/static_src/*.js` is an entry (-> js/<app>/<name>.js); every `miasto/**/static_src/_*.scss` of an
// engine or a module joins the one style sheet, every `_worker.js` the one service worker. Nothing has to be registered.
import { build, context } from "esbuild";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync, watch as watchPath } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as sass from "sass";

const UI = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(UI, "../../..");
const NODE = join(ROOT, "node_modules");
const DONE = join(ROOT, "var/assets");
const OUT = process.argv.includes("--watch") ? DONE : `${DONE}.new`;
const FONTS = {
  "@fontsource-variable/source-sans-3": [
    "source-sans-3-latin-wght-normal", "source-sans-3-latin-ext-wght-normal",
    "source-sans-3-latin-wght-italic", "source-sans-3-latin-ext-wght-italic",
  ],
  "@fontsource-variable/bricolage-grotesque": [
    "bricolage-grotesque-latin-wght-normal", "bricolage-grotesque-latin-ext-wght-normal",
  ],
};

/** Folders named static_src under miasto/, sorted, so that the result does not depend on the file system. */
async function sourceFolders(folder = join(ROOT, "miasto")) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === "__pycache__") continue;
    const path = join(folder, entry.name);
    if (entry.name === "static_src") found.push(path);
    else found.push(...(await sourceFolders(path)));
  }
  return found.sort();
}

async function filesOf(folder, matches) {
  return (await readdir(folder)).filter(matches).sort().map((name) => join(folder, name));
}

async function buildStyles(folders) {
  const own = join(UI, "static_src");
  const partials = [];
  for (const folder of folders) {
    if (folder !== own) partials.push(...(await filesOf(folder, (name) => /^_.*\.scss$/.test(name))));
  }
  const source = [
    '@use "app";',
    ...partials.map((path, n) => `@use "${pathToFileURL(path)}" as part${n};`),
    '@use "sass/print";',
  ].join("\n");
  const { css } = sass.compileString(source, {
    style: "compressed",
    url: pathToFileURL(join(own, "build.scss")),
    loadPaths: [own, NODE],
    importers: [new sass.NodePackageImporter(ROOT)],
    quietDeps: true,
  });
  const maplibre = await readFile(join(NODE, "maplibre-gl/dist/maplibre-gl.css"), "utf8");
  await mkdir(join(OUT, "css"), { recursive: true });
  await writeFile(join(OUT, "css/app.css"), css);
  await writeFile(join(OUT, "css/map.css"), maplibre.replace(/\/\*# sourceMappingURL=.*?\*\//g, ""));
}

async function scriptOptions(folders) {
  const entryPoints = { "js/ui/maplibre-worker": join(NODE, "maplibre-gl/dist/maplibre-gl-worker.mjs") };
  for (const folder of folders) {
    const app = basename(dirname(folder));
    for (const path of await filesOf(folder, (name) => /^[^_].*\.js$/.test(name))) {
      entryPoints[`js/${app}/${basename(path, ".js")}`] = path;
    }
  }
  return {
    entryPoints, bundle: true, splitting: true, format: "esm", outdir: OUT, minify: true,
    target: ["es2022"], chunkNames: "js/chunks/[name]-[hash]", legalComments: "linked", logLevel: "warning",
    nodePaths: [NODE],
  };
}

/** The one service worker: its own part and the `_worker.js` of each engine and module, in one classic script. */
async function buildWorker(folders) {
  const parts = [join(UI, "static_src/lib/worker.js")];
  for (const folder of folders) parts.push(...(await filesOf(folder, (name) => name === "_worker.js")));
  await build({
    stdin: { contents: parts.map((path) => `import ${JSON.stringify(path)};`).join("\n"), resolveDir: ROOT },
    outfile: join(OUT, "js/ui/worker.js"), bundle: true, format: "iife", minify: true, target: ["es2022"],
    legalComments: "none", logLevel: "warning",
  });
}

async function copyFonts() {
  await mkdir(join(OUT, "fonts"), { recursive: true });
  for (const [name, files] of Object.entries(FONTS)) {
    for (const file of files) await cp(join(NODE, name, "files", `${file}.woff2`), join(OUT, "fonts", `${file}.woff2`));
    await cp(join(NODE, name, "LICENSE"), join(OUT, "fonts", `LICENSE-${basename(name)}.txt`));
  }
}

/** {icon name: inner markup of a 24 by 24 stroke drawing}, read by the `icon` template tag. */
async function buildIcons() {
  const folder = join(NODE, "lucide-static/icons");
  const icons = {};
  for (const path of await filesOf(folder, (name) => name.endsWith(".svg"))) {
    const markup = await readFile(path, "utf8");
    icons[basename(path, ".svg")] = markup.replace(/^[\s\S]*?<svg[\s\S]*?>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
  }
  await mkdir(join(OUT, "ui"), { recursive: true });
  await writeFile(join(OUT, "ui/icons.json"), JSON.stringify(icons));
}

async function everything() {
  const folders = await sourceFolders();
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  await Promise.all([buildStyles(folders), copyFonts(), buildIcons(), buildWorker(folders), build(await scriptOptions(folders))]);
  const images = join(UI, "static_src/images");
  if (existsSync(images)) await cp(images, join(OUT, "images"), { recursive: true });
  if (OUT !== DONE) await swap();
}

/** Puts the finished folder in place at once, so that a running server never sees half of one. */
async function swap() {
  await rm(`${DONE}.old`, { recursive: true, force: true });
  if (existsSync(DONE)) await rename(DONE, `${DONE}.old`);
  await rename(OUT, DONE);
  await rm(`${DONE}.old`, { recursive: true, force: true });
}

async function watch() {
  await everything();
  const folders = await sourceFolders();
  await (await context(await scriptOptions(folders))).watch();
  for (const folder of folders) {
    watchPath(folder, { recursive: true }, (_, name) => {
      if (name?.endsWith(".scss")) buildStyles(folders).then(() => console.log(`css: ${name}`), (error) => console.error(error.message));
    });
  }
  console.log(`watching ${folders.map((path) => relative(ROOT, path)).join(", ")}`);
}

await (process.argv.includes("--watch") ? watch() : everything());
