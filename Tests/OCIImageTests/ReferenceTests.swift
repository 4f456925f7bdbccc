import Archive
import OCIImage
import Testing

private let hex = String(repeating: "ab", count: 32)

/// N.6.
@Suite struct ReferenceTests {
    @Test(
        arguments: [
            ("busybox", "docker.io", "library/busybox", "latest", nil),
            ("heroku/builder:24", "docker.io", "heroku/builder", "24", nil),
            ("docker.io/a/b", "docker.io", "a/b", "latest", nil),
            ("index.docker.io/busybox", "docker.io", "library/busybox", "latest", nil),
            ("registry-1.docker.io/library/busybox", "docker.io", "library/busybox", "latest", nil),
            ("Docker.IO/busybox", "docker.io", "library/busybox", "latest", nil),
            ("localhost:5000/x", "localhost:5000", "x", "latest", nil),
            ("localhost/x", "localhost", "x", "latest", nil),
            ("localhost", "docker.io", "library/localhost", "latest", nil),
            ("localhost:5000", "docker.io", "library/localhost", "5000", nil),
            ("myhost/x", "docker.io", "myhost/x", "latest", nil),
            ("ghcr.io/o/r@sha256:\(hex)", "ghcr.io", "o/r", nil, hex),
            ("ghcr.io/o/r:1.2@sha256:\(hex)", "ghcr.io", "o/r", "1.2", hex),
            ("busybox@sha256:\(hex)", "docker.io", "library/busybox", nil, hex),
            ("[::1]:5000/x:t", "[::1]:5000", "x", "t", nil),
            ("[2001:DB8::192.0.2.1]/a/b", "[2001:db8::192.0.2.1]", "a/b", "latest", nil),
            ("127.0.0.1:80/a", "127.0.0.1:80", "a", "latest", nil),
            ("host.example:65535/a--b/c__d/e.f_g:T_1.2-x", "host.example:65535", "a--b/c__d/e.f_g", "T_1.2-x", nil),
            ("a---b", "docker.io", "library/a---b", "latest", nil),
            ("a:\(String(repeating: "t", count: 128))", "docker.io", "library/a", String(repeating: "t", count: 128), nil),
            (String(repeating: "a", count: 247), "docker.io", "library/" + String(repeating: "a", count: 247), "latest", nil),
            ("h.io/" + String(repeating: "a", count: 255), "h.io", String(repeating: "a", count: 255), "latest", nil),
            ("a/b/c/d", "docker.io", "a/b/c/d", "latest", nil),
        ] as [(String, String, String, String?, String?)])
    func parses(text: String, registry: String, repository: String, tag: String?, digest: String?) throws {
        let reference = try ref(text)
        #expect(reference.registry == registry)
        #expect(reference.repository == repository)
        #expect(reference.tag == tag)
        #expect(reference.digest?.hex == digest)
        // What is written is read back as the same.
        #expect(try ref(reference.full) == reference)
        #expect(try ref(reference.familiar) == reference)
        #expect(try ref(reference.familiarTagged) == reference)
    }

    /// The column of the error and a piece of its reason.
    @Test(
        arguments: [
            ("", 1, "empty"),
            (" busybox", 1, "a space"),
            ("bus box", 4, "a space"),
            ("My/App", 1, "lower case"),
            ("ghcr.io/o/App", 11, "lower case"),
            ("https://ghcr.io/o/r", 6, "begins with 'https://'"),
            ("docker://busybox", 7, "begins with 'docker://'"),
            ("/busybox", 1, "empty"),
            ("a//b", 3, "empty"),
            ("a/", 3, "empty"),
            ("ghcr.io/", 9, "missing"),
            ("-a", 1, "begins with '-'"),
            ("a-", 2, "ends with '-'"),
            ("a/_b", 3, "begins with '_'"),
            ("a..b", 2, "'..'"),
            ("a___b", 2, "'___'"),
            ("a._b", 2, "'._'"),
            ("a+b", 2, "'+'"),
            ("größe", 3, "'ö'"),
            ("a:", 3, "missing"),
            ("a:.x", 3, "begin with '.'"),
            ("a:-x", 3, "begin with '-'"),
            // A port needs no dot to make a registry of what stands before it.
            ("a:x/y", 3, "cannot stand in a port"),
            ("a:x:y", 4, "':'"),
            ("a:t\(String(repeating: "t", count: 128))", 131, "longer than 128"),
            ("a@", 3, "missing"),
            ("a@\(hex)", 3, "no algorithm"),
            ("a@sha512:\(hex)", 3, "not sha256"),
            ("a@sha256:xyz", 10, "'x'"),
            ("a@sha256:AB", 10, "'A'"),
            ("a@sha256:ab", 12, "2 digits"),
            ("a@sha256:\(hex)@sha256:\(hex)", 74, "'@'"),
            ("@sha256:\(hex)", 1, "missing"),
            (":tag", 1, "missing"),
            (hex, 1, "look like a digest"),
            ("h.io:/x", 6, "port"),
            ("h.io:0/x", 6, "1 to 65535"),
            ("h.io:65536/x", 6, "1 to 65535"),
            ("h.io:80a/x", 8, "'a'"),
            (".h/x", 1, "'.' here"),
            ("h./x", 2, "'.' here"),
            ("h..io/x", 2, "'.' here"),
            ("-h.io/x", 1, "'-' here"),
            ("h-.io/x", 2, "'-' here"),
            ("h_x.io/a", 2, "'_'"),
            ("[::1/x", 1, "']'"),
            ("[::1]5/x", 6, "port or '/'"),
            ("[::g]/x", 4, "'g'"),
            ("[1:2]/x", 2, "not an IPv6"),
            ("[1::2::3]/x", 2, "not an IPv6"),
            ("[::1.2.3]/x", 2, "not an IPv6"),
            ("[fe80::1%eth0]/x", 9, "'%'"),
            (String(repeating: "a", count: 248), 248, "longer than 247"),
            ("h.io/" + String(repeating: "a", count: 256), 261, "longer than 255"),
            ("a\u{0}b", 2, "cannot stand"),
        ] as [(String, Int, String)])
    func refuses(text: String, column: Int, reason: String) throws {
        let error = #expect(throws: ReferenceError.self) { try Reference(parsing: text) }
        #expect(error?.column == column)
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func messageShowsThePlace() {
        let error = #expect(throws: ReferenceError.self) { try Reference(parsing: "ghcr.io/My/app:1") }
        #expect(
            error?.message == """
                'ghcr.io/My/app:1' is not an image reference: a repository is written in lower case
                    ghcr.io/My/app:1
                            ^
                """)
        #expect(error?.hint == "use 'ghcr.io/my/app:1'")
    }

    @Test(arguments: ["a\u{1b}[31m", "A:\u{1b}[31m", "\u{1b}://x", "a\u{9b}31m", "a\u{202e}b"])
    func messagesHoldNoControlCharacters(text: String) {
        let error = #expect(throws: ReferenceError.self) { try Reference(parsing: text) }
        let shown = (error?.message ?? "") + (error?.hint ?? "")
        #expect(shown.contains("?"))
        #expect(shown.unicodeScalars.allSatisfy { ($0.value >= 0x20 && $0.value != 0x9b && $0.value != 0x202e) || $0 == "\n" })
    }

    @Test(arguments: ["app", "app:latest", "docker.io/app", "docker.io/library/app", "index.docker.io/library/app:latest"])
    func oneImageManyNames(text: String) throws {
        #expect(try ref(text) == ref("app"))
        #expect(try ref(text).full == "docker.io/library/app:latest")
        #expect(try ref(text).familiar == "app")
        #expect(try ref(text).familiarTagged == "app:latest")
        #expect(try ref(text).normalisedName == "index.docker.io/library/app:latest")
    }

    @Test func comparisonForRunImages() throws {
        #expect(try ref("foo:1@sha256:\(hex)").normalisedName == "index.docker.io/library/foo:1")
        #expect(try ref("foo@sha256:\(hex)").normalisedName == "index.docker.io/library/foo:latest")
        #expect(try ref("localhost:5000/foo:1").normalisedName == "localhost:5000/foo:1")
    }

    @Test(arguments: [
        ("localhost/x", true), ("localhost:5000/x", true), ("a.localhost/x", true), ("127.0.0.1/x", true), ("127.1.2.3:80/x", true),
        ("[::1]:80/x", true), ("128.0.0.1/x", false), ("127.0.0.1.example/x", false), ("[::2]/x", false), ("localhost.example/x", false),
        ("x", false),
    ])
    func loopback(text: String, expected: Bool) throws { #expect(try ref(text).isLoopback == expected) }

    @Test func changes() throws {
        let pinned = try ref("app:1").with(digest: .of([]))
        #expect(pinned.tag == nil)
        #expect(pinned.isPinned)
        #expect(pinned.tagged == nil)
        #expect(try pinned.with(tag: "2") == ref("app:2"))
        #expect(throws: ReferenceError.self) { try pinned.with(tag: "a b") }
        #expect(try ref("app:1@sha256:\(hex)").tagged == ref("app:1"))
    }
}
