const http = require("node:http");
const { page } = require("./lib/page");

const server = http.createServer((req, res) => {
  const url = new URL(req.url, "http://localhost");
  if (url.pathname !== "/") {
    res.writeHead(404).end("not found\n");
    return;
  }
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.end(page(url.searchParams.get("t") || "1 day"));
});

server.listen(process.env.PORT || 3000, () => console.log("listening"));
process.on("SIGTERM", () => server.close());
