import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { feed } from "./feed.js";

if (process.argv[2] === "--print") {
  console.log(feed(process.argv.slice(3)));
} else {
  const app = new Hono();
  app.get("/", (c) => c.body(feed((c.req.query("titles") ?? "").split(",")), 200, { "Content-Type": "application/atom+xml" }));
  const server = serve({ fetch: app.fetch, port: 3000 });
  process.on("SIGTERM", () => server.close());
}
