import Testing

@testable import OCIRegistry

/// `WWW-Authenticate` as RFC 7235 has it, and as servers write it.
@Suite struct ChallengeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var header: String
        var expected: [Challenge]
        var testDescription: String { header }

        init(_ header: String, _ expected: (String, [String: String])...) {
            self.header = header
            self.expected = expected.map { Challenge(scheme: $0, parameters: $1) }
        }
    }

    static let cases: [Case] = [
        Case(
            #"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
            ("bearer", ["realm": "https://auth.docker.io/token", "service": "registry.docker.io", "scope": "repository:a/b:pull,push"])),
        Case(
            #"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#,
            ("newauth", ["realm": "apps", "type": "1", "title": "Login to \"apps\""]), ("basic", ["realm": "simple"])),
        Case("Basic", ("basic", [:])),
        Case("Negotiate, Basic realm=x", ("negotiate", [:]), ("basic", ["realm": "x"])),
        Case("Negotiate YWJj/+==, BASIC Realm=\"x\"", ("negotiate", [:]), ("basic", ["realm": "x"])),
        Case("Negotiate YWJj", ("negotiate", [:])),
        Case(#"Bearer  realm = "a" ,, service= b"#, ("bearer", ["realm": "a", "service": "b"])),
        Case(#"bearer realm=https://a/b:c,service="x""#, ("bearer", ["realm": "https://a/b:c", "service": "x"])),
        Case(#"Bearer realm="a", realm="b""#, ("bearer", ["realm": "a"])),
        Case(#"Bearer realm="never closed"#, ("bearer", [:])),
        Case(#"Bearer realm="a\"#, ("bearer", [:])),
        Case("Bearer scope=\"\"", ("bearer", ["scope": ""])),
        Case(""), Case(",,  ,"), Case("=\"x\", Basic realm=\"y\"", ("basic", ["realm": "y"])),
    ]

    @Test(arguments: cases)
    func parses(testCase: Case) {
        #expect(Challenge.parse([testCase.header]) == testCase.expected)
    }

    @Test func severalHeaders() {
        #expect(Challenge.parse(["Basic realm=\"a\"", "Bearer realm=\"b\""]).map(\.scheme) == ["basic", "bearer"])
    }

    /// Hostile headers end, and soon.
    @Test(arguments: ["a ", "a=", "\"", "a,", "a b,", "Basic a=\"\\", "= "])
    func repetition(piece: String) {
        _ = Challenge.parse([String(repeating: piece, count: 5000)])
    }

    @Test func scopes() {
        let both = Set(challenge: "repository:a/b:pull repository:host:5000/c:push,pull aws")
        #expect(both.texts == ["aws", "repository:a/b:pull", "repository:host:5000/c:pull,push"])
        let merged = both.merged(with: [TokenScope(repository: "a/b", actions: ["push"])])
        #expect(merged.texts == ["aws", "repository:a/b:pull,push", "repository:host:5000/c:pull,push"])
        #expect(merged.cover(both))
        #expect(!both.cover(merged))
    }
}
