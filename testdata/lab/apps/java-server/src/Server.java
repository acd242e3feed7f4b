import com.sun.net.httpserver.HttpServer;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** GET /factorial/N */
public class Server {
    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            System.out.println(Factorial.of(Integer.parseInt(args[0])));
            return;
        }
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/factorial/", exchange -> {
            String text = exchange.getRequestURI().getPath().substring("/factorial/".length());
            int status = 200;
            String body;
            try {
                BigInteger f = Factorial.of(Integer.parseInt(text));
                body = "{\"n\":" + text + ",\"factorial\":\"" + f + "\"}\n";
            } catch (IllegalArgumentException e) {
                status = 400;
                body = "{\"error\":\"a number from 0 to 1000\"}\n";
            }
            byte[] data = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, data.length);
            exchange.getResponseBody().write(data);
            exchange.close();
        });
        server.start();
    }
}
