const fs = require("fs");
const esbuild = require("esbuild");

fs.mkdirSync("dist", { recursive: true });
esbuild.buildSync({
  entryPoints: ["src/index.js"],
  outfile: "dist/index.js",
  bundle: true,
  minify: true,
  loader: { ".png": "dataurl", ".css": "css" },
});
fs.cpSync("public", "dist", { recursive: true });
