import Diagnostics
import Testing

@testable import OCIRegistry

@Suite struct ProxyTests {
    @Test(arguments: [
        ("example.com", "https://example.com/v2/", true), ("example.com", "https://a.example.com/v2/", true),
        ("example.com", "https://badexample.com/", false), (".example.com", "https://example.com/", false),
        (".example.com", "https://a.example.com/", true), ("*.example.com", "https://a.example.com/", true),
        ("EXAMPLE.com", "https://a.Example.COM/", true), ("*", "https://x/", true), ("", "https://x/", false),
        ("a, b ,c", "https://c/", true), ("x:8443", "https://x:8443/", true), ("x:8443", "https://x/", false),
        ("10.0.0.0/8", "https://10.1.2.3/", true), ("10.0.0.0/8", "https://11.1.2.3/", false), ("10.0.0.0/8", "https://ten/", false),
        ("192.168.1.7", "https://192.168.1.7:5000/", true), ("192.168.1.7:5001", "https://192.168.1.7:5000/", false),
        ("fd00::/8", "https://[fd12::1]/", true), ("fd00::/8", "https://[fe12::1]/", false), ("[fd00::1]:443", "https://[fd00::1]/", true),
        ("10.0.0.0/33", "https://10.1.2.3/", false), ("10.0.0.0/-1", "https://10.1.2.3/", false), (".", "https://x/", false),
        ("", "https://localhost/", true), ("", "https://127.0.0.1:5000/", true), ("", "https://[::1]:5000/", true),
    ])
    func exceptions(text: String, url: String, isDirect: Bool) throws {
        let settings = try ProxySettings(environment: ["HTTPS_PROXY": "proxy:3128", "no_proxy": text])
        let origin = try #require(WebOrigin(url))
        #expect((settings.proxy(for: origin) == nil) == isDirect)
    }

    @Test(arguments: [
        ("proxy", "http://proxy:80"), ("proxy:3128", "http://proxy:3128"), ("http://proxy:3128/", "http://proxy:3128"),
        ("socks5://proxy", "socks5://proxy:1080"), ("http://[fd00::1]:8080", "http://[fd00::1]:8080"),
        ("http://u:p%40w@proxy:1", "http://proxy:1"),
    ])
    func addresses(text: String, expected: String) throws {
        let server = try ProxyServer(text, variable: "X")
        #expect(server.address == expected)
        if text.contains("@") {
            #expect(server.user == "u")
            #expect(server.password == Secret("p@w"))
        }
    }

    @Test(arguments: [
        "https://proxy", "ftp://u:secret-word@proxy", "http://", "socks5://u:secret-word@proxy",
        "http://pro xy:secret-word@",
    ])
    func badAddresses(text: String) {
        let error = #expect(throws: Fault.self) { try ProxySettings(environment: ["http_proxy": text]) }
        #expect(error?.message.hasPrefix("http_proxy") == true)
        #expect("\(String(reflecting: error))".contains("secret-word") == false)
    }

    @Test func schemes() throws {
        let settings = try ProxySettings(environment: [
            "HTTP_PROXY": "", "http_proxy": "plain:1", "HTTPS_PROXY": "secure:2", "https_proxy": "other:3",
        ])
        #expect(settings.proxy(for: try #require(WebOrigin("http://x/")))?.host == "plain")
        #expect(settings.proxy(for: try #require(WebOrigin("https://x/")))?.host == "secure")
        #expect(try ProxySettings(environment: [:]).proxy(for: #require(WebOrigin("https://x/"))) == nil)
    }
}
