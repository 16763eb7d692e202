"""The web server with a domain's policy (MTA-STS)."""
import http.server
import threading


class PolicyServer:
    """Answers every GET with `policy`; `policy` and `tls`, a context of ssl, may be replaced."""

    def __init__(self, address, port, tls, policy=""):
        self.tls = tls
        self.policy = policy
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 30

            def setup(self):
                self.request = outer.tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def do_GET(self):
                outer.requests.append((self.headers["Host"], self.path))
                body = outer.policy.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a client that does not like the certificate

        self.server = Server((address, port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
