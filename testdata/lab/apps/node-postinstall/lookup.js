#!/usr/bin/env node
const fold = require("fold");
const codes = require("./codes.json");

const wanted = fold(process.argv[2] ?? "");
const hits = Object.entries(codes).filter(([code, name]) => code.toLowerCase() === wanted || fold(name).startsWith(wanted));
for (const [code, name] of hits) console.log(`${code} ${name}`);
process.exitCode = hits.length ? 0 : 1;
