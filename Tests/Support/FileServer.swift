import FoundationEssentials

/// A web server (python3's) on a free port of this machine, which serves the files of a scratch directory and knows entity tags.
package final class FileServer: Sendable {
    /// `http://127.0.0.1:41234`
    package let address: String
    private let process: PeerProcess
    private let logs: ScratchDirectory

    package init(_ scratch: ScratchDirectory) async throws {
        logs = try ScratchDirectory()
        try logs.write(Self.program, to: "server.py")
        process = try PeerProcess(["python3", "-u", logs.path("server.py"), scratch.path], log: logs.path("log"))
        for _ in 0..<500 {
            if let port = logs.text("log").split(separator: "\n").first, Int(port) != nil {
                address = "http://127.0.0.1:\(port)"
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestSetupError("the web server does not listen: \(logs.text("log"))")
    }

    /// `GET /path 200` for each request so far.
    package func requests() -> [String] { logs.text("log").split(separator: "\n").dropFirst().map(String.init) }

    private static let program = #"""
        import hashlib, http.server, os, sys

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                file = sys.argv[1] + self.path
                status, body, tag = 404, b"not here", ""
                if os.path.isfile(file):
                    with open(file, "rb") as content:
                        status, body = 200, content.read()
                    tag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
                    if self.headers.get("If-None-Match") == tag:
                        status, body = 304, b""
                print("GET", self.path, status)
                self.send_response(status)
                if tag:
                    self.send_header("ETag", tag)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port)
        server.serve_forever()
        """#
}
