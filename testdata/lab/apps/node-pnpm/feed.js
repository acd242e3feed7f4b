import { XMLBuilder } from "fast-xml-parser";
import { addDays, formatISO } from "date-fns";
import { kebabCase, uniq } from "lodash-es";

const first = new Date(Date.UTC(2024, 0, 1));

// feed is an Atom feed with an entry a day.
export function feed(titles) {
  const entry = uniq(titles.filter(Boolean)).map((title, n) => ({
    title,
    id: `urn:feeds:${kebabCase(title)}`,
    updated: formatISO(addDays(first, n), { representation: "date" }),
  }));
  return new XMLBuilder({ format: true }).build({ feed: { title: "Feeds", entry } });
}
