// Builds the widget into the Python package, with a manifest that says what the file is.
// `node build.mjs --check` builds in memory and fails when the committed file differs.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 20 * 1024; // bytes, compressed: what a shop's page has to load
const target = new URL("../bot/channels/widget/static/", import.meta.url);
const { version, license, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));

// Style sheets travel in the script; what only people need is taken out of them.
const style = {
  name: "style",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const small = await build({ entryPoints: [path], minify: true, write: false });
      return { contents: small.outputFiles[0].text.trim(), loader: "text" };
    });
  },
};

const built = await build({
  entryPoints: ["src/index.ts"],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: ["chrome100", "firefox105", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  banner: { js: `/*! Setu chat ${version} | ${license} | Preact ${devDependencies.preact}, MIT */` },
  plugins: [style],
});

const script = built.outputFiles[0].contents;
const digest = createHash("sha256").update(script);
const sha256 = digest.copy().digest("hex");
const manifest = {
  file: "widget.js",
  version,
  licence: license,
  contains: [{ name: "preact", version: devDependencies.preact, licence: "MIT" }],
  sha256,
  integrity: `sha256-${digest.digest("base64")}`,
  bytes: script.length,
  gzip: gzipSync(script, { level: 9 }).length,
};

if (manifest.gzip > LIMIT) {
  console.error(`widget.js is ${manifest.gzip} bytes compressed, the limit is ${LIMIT}.`);
  process.exit(1);
}
if (process.argv.includes("--check")) {
  const committed = JSON.parse(readFileSync(new URL("manifest.json", target), "utf8"));
  if (committed.sha256 !== sha256) {
    console.error("The committed widget.js is not what the source gives: run `npm run build`.");
    process.exit(1);
  }
} else {
  writeFileSync(new URL("widget.js", target), script);
  writeFileSync(new URL("manifest.json", target), `${JSON.stringify(manifest, null, 2)}\n`);
}
console.log(`widget.js ${version}: ${manifest.bytes} bytes, ${manifest.gzip} compressed`);
