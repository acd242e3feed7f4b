import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

mkdirSync("dist", { recursive: true });
await build({
  entryPoints: ["src/app.js"],
  outfile: "dist/app.js",
  bundle: true,
  minify: true,
  format: "iife",
  define: { API_URL: JSON.stringify(process.env.API_URL ?? "/api") },
});
copyFileSync("src/index.html", "dist/index.html");
