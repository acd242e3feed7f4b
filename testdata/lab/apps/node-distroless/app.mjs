import { createHash } from "node:crypto";
import { createServer } from "node:http";
import pc from "picocolors";

const short = (text) => createHash("sha256").update(text).digest("base64url").slice(0, 10);

if (process.argv.length > 2) {
  for (const text of process.argv.slice(2)) console.log(`${pc.bold(short(text))} ${text}`);
} else {
  createServer((req, res) => res.end(short(decodeURIComponent(req.url.slice(1))) + "\n")).listen(process.env.PORT);
}
