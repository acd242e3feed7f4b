const express = require("express");
const helmet = require("helmet");
const morgan = require("morgan");
const { z } = require("zod");
const { tides } = require("./lib/tides");

const app = express();
app.set("view engine", "ejs");
app.use(helmet());
app.use(morgan("tiny"));

const query = z.object({ day: z.string().date().default("2024-01-01"), count: z.coerce.number().int().min(1).max(10).default(4) });

app.get("/", (req, res) => {
  const asked = query.safeParse(req.query);
  if (!asked.success) {
    res.status(400).json(asked.error.issues.map((i) => i.path.join(".") + ": " + i.message));
    return;
  }
  res.render("tides", { day: asked.data.day, tides: tides(asked.data.day, asked.data.count) });
});
app.get("/health", (req, res) => res.send("ok\n"));

const server = app.listen(process.env.PORT || 3000);
process.on("SIGTERM", () => server.close());
