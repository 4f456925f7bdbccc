import Diagnostics
import FoundationEssentials
import OCIRegistry
import Synchronization
import TestSupport
import Testing

/// Where credentials are looked for, and what is found there (I-8, L-12).
@Suite struct CredentialStoreTests {
    /// A home folder with these files.
    private static func home(_ files: [String: String]) throws -> ScratchDirectory {
        let scratch = try ScratchDirectory()
        for (name, text) in files {
            let folder = name.split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: scratch.path(folder), withIntermediateDirectories: true)
            try scratch.write(text, to: name)
        }
        return scratch
    }

    /// Helpers that are never run.
    private struct Script: CredentialHelper {
        var answers: [String: (Int32, String)]
        let asked = Log()

        final class Log: Sendable {
            let servers = Mutex<[String]>([])
        }

        func run(_ program: String, server: String) async throws -> CredentialHelperOutput {
            asked.servers.withLock { $0.append("\(program) \(server)") }
            guard let (status, text) = answers[program] else { throw Fault("the credential helper '\(program)' is not installed") }
            return CredentialHelperOutput(exitStatus: status, output: Array(text.utf8))
        }
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private func describe(_ credential: Credential?, home: ScratchDirectory? = nil) -> String {
        guard let credential else { return "nobody" }
        let secret =
            switch credential.proof {
            case .password(_, let secret), .identityToken(let secret), .registryToken(let secret): secret.reveal()
            }
        let text = "\(credential): \(secret)"
        return home.map { text.replacing($0.path, with: "~") } ?? text
    }

    static let docker = #"""
        {"auths": {
          "https://index.docker.io/v1/": {"auth": "\#(base64("hub:one:two"))"},
          "https://ghcr.io/v2/": {"auth": "\#(base64("gh:pw\0\0"))", "email": null},
          "quay.io/team": {"username": "team", "password": "t"},
          "quay.io/team/app": {"username": "app", "password": "a"},
          "quay.io": {"username": "all", "password": "q"},
          "identity.example": {"auth": "\#(base64("x:"))", "identitytoken": "idt"},
          "token.example:5000": {"registrytoken": "rt"},
          "oauth.example": {"auth": "\#(base64("<token>:refresh"))"},
          "empty.example": {},
          "broken.example": {"auth": "no base64 at all"}
        }, "HttpHeaders": {"a": ["b"]}, "credHelpers": {}}
        """#

    @Test(arguments: [
        ("docker.io", "library/busybox", "user 'hub' from '~/.docker/config.json': one:two"),
        ("registry-1.docker.io", "a/b", "user 'hub' from '~/.docker/config.json': one:two"),
        ("index.docker.io", "a/b", "user 'hub' from '~/.docker/config.json': one:two"),
        ("ghcr.io", "o/r", "user 'gh' from '~/.docker/config.json': pw"),
        ("GHCR.io", "o/r", "user 'gh' from '~/.docker/config.json': pw"),
        ("ghcr.io:443", "o/r", "nobody"),
        ("quay.io", "team/app", "user 'app' from '~/.docker/config.json': a"),
        ("quay.io", "team/app/more", "user 'app' from '~/.docker/config.json': a"),
        ("quay.io", "team/apple", "user 'team' from '~/.docker/config.json': t"),
        ("quay.io", "teams", "user 'all' from '~/.docker/config.json': q"),
        ("identity.example", "x", "the identity token from '~/.docker/config.json': idt"),
        ("oauth.example", "x", "the identity token from '~/.docker/config.json': refresh"),
        ("token.example:5000", "x", "the token from '~/.docker/config.json': rt"),
        ("empty.example", "x", "nobody"), ("other.example", "x", "nobody"), ("io", "x", "nobody"),
    ])
    func dockerFile(host: String, repository: String, expected: String) async throws {
        let home = try Self.home([".docker/config.json": Self.docker])
        let store = try CredentialStore(environment: ["HOME": home.path])
        let found = try await store.search(host: host, repository: repository)
        #expect(describe(found.credential, home: home) == expected)
        #expect(found.problems.isEmpty)
    }

    private static func auths(_ host: String, user: String) -> String {
        #"{"auths": {"\#(host)": {"auth": "\#(base64("\(user):pw"))"}}}"#
    }

    @Test func precedence() async throws {
        let home = try Self.home([
            ".docker/config.json": Self.auths("a.example", user: "docker"), "other/config.json": Self.auths("a.example", user: "other"),
            "run/containers/auth.json": Self.auths("b.example", user: "runtime"),
            ".config/containers/auth.json":
                #"{"auths": {"b.example": {"auth": "\#(Self.base64("config:x"))"}, "c.example": {"auth": "\#(Self.base64("config:x"))"}}}"#,
            "named.json": Self.auths("b.example", user: "named"),
        ])
        let variables = [
            "HOME": home.path, "XDG_RUNTIME_DIR": home.path("run"), "CNB_REGISTRY_AUTH": #"{"https://z.example/v1": "Bearer tok"}"#,
        ]
        func user(_ host: String, _ more: [String: String] = [:]) async throws -> String {
            let store = try CredentialStore(environment: variables.merging(more) { $1 })
            let credential = try await store.search(host: host, repository: "x").credential
            if case .password(let user, _) = credential?.proof { return user }
            return describe(credential)
        }
        #expect(try await user("a.example") == "docker")
        #expect(try await user("a.example", ["DOCKER_CONFIG": home.path("other")]) == "other")
        #expect(try await user("a.example", ["DOCKER_CONFIG": home.path("missing")]) == "nobody")
        #expect(try await user("b.example") == "runtime")
        #expect(try await user("b.example", ["XDG_RUNTIME_DIR": ""]) == "config")
        #expect(try await user("b.example", ["REGISTRY_AUTH_FILE": home.path("named.json")]) == "named")
        #expect(try await user("c.example") == "config")
        #expect(try await user("z.example") == "the token from CNB_REGISTRY_AUTH: tok")
        #expect(
            try await user("a.example", ["CNB_REGISTRY_AUTH": #"{"a.example": "Basic \#(Self.base64("cnb:pw"))"}"#]) == "cnb")
        let nobody = try await CredentialStore().search(host: "a.example", repository: "x")
        #expect(nobody == CredentialSearch())
    }

    // I-8.
    @Test(arguments: [
        (#"{"index.docker.io": "Basic \#(base64("u:p"))"}"#, "user 'u' from CNB_REGISTRY_AUTH: p"),
        (#"{"https://index.docker.io/v1/": "basic \#(base64("u:p"))"}"#, "user 'u' from CNB_REGISTRY_AUTH: p"),
        (#"{"docker.io": "X-Identity abc"}"#, "the identity token from CNB_REGISTRY_AUTH: abc"),
        (#"{"docker.io": "Bearer abc"}"#, "the token from CNB_REGISTRY_AUTH: abc"), ("{}", "nobody"), ("", "nobody"), ("  ", "nobody"),
    ])
    func variable(text: String, expected: String) async throws {
        let store = try CredentialStore(environment: ["CNB_REGISTRY_AUTH": text])
        #expect(describe(try await store.search(host: "docker.io", repository: "a/b").credential) == expected)
    }

    @Test(arguments: [
        "{", "[]", "null", "7", #"{"a": 7}"#, #"{"a": "secret-word"}"#, #"{"a": "Digest secret-word"}"#, #"{"a": "Basic secret-word"}"#,
        "{\"a\": \"Bearer secret\\nword\"}", #"{"a": "secret-word"#, "secret-word",
    ])
    func badVariable(text: String) async throws {
        let error = #expect(throws: Fault.self) { try CredentialStore(environment: ["CNB_REGISTRY_AUTH": text]) }
        #expect(error?.exitCode == 1)
        #expect(error?.message.hasPrefix("CNB_REGISTRY_AUTH") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test(arguments: [
        "{\"auths\": {\"x\": {\"auth\": \"secret-word\"", "[]", "\"secret-word\"", #"{"auths": "secret-word"}"#, #"{"auths": []}"#,
        #"{"credHelpers": 1}"#, "\u{0}",
    ])
    func malformedFile(text: String) async throws {
        let home = try Self.home([".docker/config.json": text])
        let store = try CredentialStore(environment: ["HOME": home.path])
        let error = await #expect(throws: Fault.self) { try await store.search(host: "x", repository: "y") }
        #expect(error?.message.contains("'\(home.path)/.docker/config.json'") == true, "\(String(describing: error))")
        #expect("\(String(describing: error))".contains("secret-word") == false)
    }

    /// Only who needs the entry hears that it is wrong.
    @Test func malformedEntry() async throws {
        let home = try Self.home([".docker/config.json": Self.docker])
        let store = try CredentialStore(environment: ["HOME": home.path])
        let error = await #expect(throws: Fault.self) { try await store.search(host: "broken.example", repository: "y") }
        #expect(error?.message.contains("'broken.example' in '\(home.path)/.docker/config.json'") == true)
    }

    @Test(arguments: ["", "{}", #"{"auths": null}"#, #"{"auths": {"x": null, "y": 7}}"#])
    func emptyFile(text: String) async throws {
        let home = try Self.home([".docker/config.json": text])
        #expect(try await CredentialStore(environment: ["HOME": home.path]).search(host: "x", repository: "y") == CredentialSearch())
    }

    @Test func folderInPlaceOfAFile() async throws {
        let home = try Self.home([".docker/config.json/x": ""])
        let store = try CredentialStore(environment: ["HOME": home.path])
        await #expect(throws: Fault.self) { try await store.search(host: "x", repository: "y") }
    }

    static let helperFile = #"""
        {"credsStore": "all", "credHelpers": {"own.example": "own", "https://index.docker.io/v1/": "hub"},
         "auths": {"both.example": {"auth": "\#(base64("file:pw"))"}, "x.example": {}}}
        """#

    @Test(arguments: [
        ("own.example", "docker-credential-own own.example", "user 'o' from 'docker-credential-own': pw", 0),
        ("docker.io", "docker-credential-hub https://index.docker.io/v1/", "the identity token from 'docker-credential-hub': it", 0),
        ("both.example", "docker-credential-all both.example", "user 'file' from '~/.docker/config.json': pw", 0),
        ("x.example", "docker-credential-all x.example", "nobody", 0),
    ])
    func helpers(host: String, asked: String, expected: String, problems: Int) async throws {
        let home = try Self.home([".docker/config.json": Self.helperFile])
        let script = Script(answers: [
            "docker-credential-own": (0, #"{"ServerURL":"own.example","Username":"o","Secret":"pw"}"#),
            "docker-credential-hub": (0, #"{"Username":"<token>","Secret":"it"}"#),
            "docker-credential-all": (1, "credentials not found in native keychain\n"),
        ])
        let found = try await CredentialStore(environment: ["HOME": home.path], helper: script).search(host: host, repository: "x")
        #expect(describe(found.credential, home: home) == expected)
        #expect(found.problems.count == problems)
        #expect(script.asked.servers.withLock { $0 } == [asked])
    }

    @Test(arguments: [
        (1, "secret-word"), (0, "secret-word"), (0, "[\"secret-word\"]"), (0, #"{"Username": 7, "Secret": "secret-word"}"#), (139, ""),
    ])
    func failingHelper(status: Int32, output: String) async throws {
        let home = try Self.home([".docker/config.json": Self.helperFile])
        let script = Script(answers: ["docker-credential-own": (status, output)])
        let found = try await CredentialStore(environment: ["HOME": home.path], helper: script).search(host: "own.example", repository: "x")
        #expect(found.credential == nil)
        #expect(found.problems.count == 1)
        #expect(found.problems[0].hasPrefix("the credential helper 'docker-credential-own'"))
        #expect(found.problems[0].contains("(named by '\(home.path)/.docker/config.json')"))
        #expect(!found.problems[0].contains("secret-word"))
    }

    @Test func helperThatIsNoName() async throws {
        let home = try Self.home([".docker/config.json": #"{"credsStore": "../../bin/sh"}"#])
        let store = try CredentialStore(environment: ["HOME": home.path], helper: Script(answers: [:]))
        let error = await #expect(throws: Fault.self) { try await store.search(host: "x", repository: "y") }
        #expect(error?.message.contains("is not the name of a program") == true)
    }

    @Test func secretsDoNotPrint() async throws {
        let secret = Secret("secret-word")
        let credential = Credential(.password(user: "u", secret), from: "here")
        var dumped = ""
        dump([credential], to: &dumped)
        let output = CredentialHelperOutput(exitStatus: 0, output: Array("secret-word".utf8))
        let store = try CredentialStore(environment: ["CNB_REGISTRY_AUTH": #"{"a": "Bearer secret-word"}"#])
        let configuration = RegistryConfiguration(
            credentials: store, proxies: try ProxySettings(environment: ["HTTPS_PROXY": "http://u:secret-word@proxy:1"]))
        for text in [
            "\(secret)", String(reflecting: secret), "\(credential)", String(reflecting: credential), dumped, "\(output)",
            "\(configuration)", String(reflecting: configuration),
        ] {
            #expect(!text.contains("secret-word"))
        }
        #expect("\(credential)" == "user 'u' from here")
    }
}
