import Archive
import NIOHTTP1
import OCIImage
import Testing

@testable import OCIRegistry

@Suite struct RegistryLocationTests {
    // N.6: Docker Hub answers under another name; loopback hosts are recognised in every form.
    @Test(arguments: [
        ("localhost", true), ("localhost:5000", true), ("127.0.0.1:5000", true), ("127.8.9.1", true), ("[::1]:5000", true), ("[::1]", true),
        ("app.localhost:5000", true), ("ghcr.io", false), ("127.example.com", false), ("128.0.0.1", false), ("127.0.0.1.evil.com", false),
        ("localhost.evil.com", false), ("[::2]:5000", false),
    ])
    func loopback(authority: String, expected: Bool) {
        #expect(RegistryHost(authority).isLoopback == expected)
    }

    // L-11
    @Test(
        arguments: [
            ([:], "busybox", ["registry-1.docker.io library/busybox"]),
            (["docker.io": "mirror.example"], "busybox", ["mirror.example library/busybox", "registry-1.docker.io library/busybox"]),
            (
                ["index.docker.io": "mirror.example"], "busybox:1",
                ["mirror.example library/busybox", "registry-1.docker.io library/busybox"]
            ),
            (["docker.io": "mirror.example:5000/hub/x/"], "a/b", ["mirror.example:5000 hub/x/a/b", "registry-1.docker.io a/b"]),
            (
                ["docker.io": "mirror.example", "*": "all.example"], "busybox",
                ["all.example library/busybox", "registry-1.docker.io library/busybox"]
            ),
            (["*": "all.example"], "ghcr.io/o/r", ["all.example o/r", "ghcr.io o/r"]),
            (["docker.io": "mirror.example"], "ghcr.io/o/r", ["ghcr.io o/r"]),
            (["GHCR.io": "mirror.example"], "ghcr.io/o/r", ["mirror.example o/r", "ghcr.io o/r"]),
            (["ghcr.io": "ghcr.io"], "ghcr.io/o/r", ["ghcr.io o/r"]),
            (["ghcr.io": "https://localhost:1/x"], "ghcr.io/o/r", ["localhost:1 x/o/r", "ghcr.io o/r"]),
        ] as [([String: String], String, [String])])
    func mirrors(map: [String: String], name: String, expected: [String]) throws {
        let found = try RegistryLocation.readable(reference(name), mirrors: map)
        #expect(found.map { "\($0.host.authority) \($0.repository)" } == expected)
        #expect(found.map(\.isMirror) == (found.count == 2 ? [true, false] : [false]))
    }

    @Test(arguments: ["", "/", "https://", "ftp://mirror", "user:pass@mirror", "mirror/a?b", "mir ror", "http:///x"])
    func badMirror(text: String) {
        #expect(throws: (any Error).self) { try RegistryLocation.readable(reference("busybox"), mirrors: ["*": text]) }
    }

    @Test func urls() {
        let repository = RemoteRepository(scheme: .https, host: RegistryHost("r.example"), name: "a/b", isMirror: false, access: .pull)
        #expect(repository.manifest("1.0") == "https://r.example/v2/a/b/manifests/1.0")
        #expect(repository.uploads() == "https://r.example/v2/a/b/blobs/uploads/")
        #expect(
            UploadSession(address: "https://r.example/u?s=1").address(finishing: .of([])).hasPrefix(
                "https://r.example/u?s=1&digest=sha256%3Ae3b0"))
        #expect(
            UploadSession(address: "https://r.example/u").address(finishing: .of([])).hasPrefix("https://r.example/u?digest=sha256%3Ae3b0"))
    }

    // Redirects keep to HTTPS, and a registry behind a TLS proxy that calls itself http is asked over https.
    @Test(
        arguments: [
            ("https://r.example/v2/x", "/v2/y?z=1", "https://r.example/v2/y?z=1"),
            ("https://r.example/v2/x", "https://cdn.example/y?sig=a%2Fb", "https://cdn.example/y?sig=a%2Fb"),
            ("https://r.example:8443/v2/x", "http://r.example/v2/y?z=1", "https://r.example:8443/v2/y?z=1"),
            ("https://r.example/v2/x", "http://cdn.example/y", nil),
            ("http://127.0.0.1:1/v2/x", "http://127.0.0.1:2/y", "http://127.0.0.1:2/y"),
            ("http://127.0.0.1:1/v2/x", "y", "http://127.0.0.1:1/v2/y"),
            ("https://r.example/v2/x", "file:///etc/passwd", nil),
            ("https://r.example/v2/x", "", nil),
        ] as [(String, String, String?)])
    func redirects(from: String, location: String, expected: String?) {
        let request = RegistryRequest(.GET, from)
        let target = try? Redirect.target(["Location": location], from: request)
        #expect(target == expected)
    }

    @Test(arguments: [
        ("https://user:secret@r.example/v2/x?token=secret#secret", "GET https://r.example/v2/x"),
        ("https://r.example/v2/x", "GET https://r.example/v2/x"),
        ("https://r.example/a\u{1b}[31m", "GET https://r.example/a [31m"),
    ])
    func summaryHidesSecrets(url: String, expected: String) {
        #expect(RegistryRequest(.GET, url).summary == expected)
    }
}
