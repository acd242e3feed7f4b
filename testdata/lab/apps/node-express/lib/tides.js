const { DateTime } = require("luxon");

// tides are the next high waters behind the beginning of a day, by the moon alone.
function tides(day, count) {
  const known = DateTime.fromISO("2024-01-01T05:14", { zone: "utc" });
  const period = 12 * 60 + 25.2;
  const start = DateTime.fromISO(day, { zone: "utc" });
  let n = Math.ceil(start.diff(known, "minutes").minutes / period);
  const out = [];
  for (; out.length < count; n++) out.push(known.plus({ minutes: Math.round(n * period) }).toFormat("d LLL HH:mm"));
  return out;
}

module.exports = { tides };
