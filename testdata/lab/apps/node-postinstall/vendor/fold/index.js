// table.json is written when the package is installed.
const table = require("./table.json");

module.exports = (text) =>
  text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\0-\x7f]/g, (c) => table[c] ?? c);
