const escape = require("escape-html");
const ms = require("ms");

// page renders how long a text such as "2 days" is.
function page(text) {
  const value = text.length < 100 ? ms(text) : undefined;
  const answer = value === undefined ? "is no duration" : `is ${value} ms, or about ${ms(value, { long: true })}`;
  return `<!doctype html>\n<title>timers</title>\n<p><b>${escape(text)}</b> ${answer}</p>\n`;
}

module.exports = { page };
