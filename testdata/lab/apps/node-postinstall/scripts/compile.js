const { readFileSync, writeFileSync } = require("node:fs");

const [source, target] = process.argv.slice(2);
const codes = {};
for (const line of readFileSync(source, "utf8").trim().split("\n")) {
  const [code, name] = line.split("\t");
  codes[code] = name;
}
writeFileSync(target, JSON.stringify(codes));
