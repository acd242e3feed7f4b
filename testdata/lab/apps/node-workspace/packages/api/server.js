const fastify = require("fastify");
const { convert } = require("@measures/units");

const app = fastify();
app.get("/:value/:from/:to", (req, reply) => {
  try {
    const { value, from, to } = req.params;
    return { [to]: convert(value, from, to) };
  } catch (e) {
    return reply.code(400).send({ error: e.message });
  }
});
app.listen({ port: 3000, host: "0.0.0.0" });
process.on("SIGTERM", () => app.close());
