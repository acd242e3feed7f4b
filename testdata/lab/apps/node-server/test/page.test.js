const test = require("node:test");
const assert = require("node:assert");
const { page } = require("../lib/page");

test("durations are converted", () => assert.match(page("36 hours"), /is 129600000 ms, or about 2 days/));
test("text is escaped", () => assert.match(page("<i>"), /&lt;i&gt;<\/b> is no duration/));
