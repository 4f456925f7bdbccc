import Archive
import Diagnostics
import NIOHTTP1
import TestSupport
import Testing

@testable import DockerEngine

// L-12
@Suite struct DockerHostTests {
    @Test(arguments: [
        ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
        ("unix:///run/user/1000/my docker.sock", "unix:///run/user/1000/my docker.sock"),
        ("UNIX:///x", "unix:///x"),
        ("tcp://10.0.0.1", "tcp://10.0.0.1:2375"),
        ("tcp://10.0.0.1:1234/", "tcp://10.0.0.1:1234"),
        ("tcp://build.example.com/docker/api/", "tcp://build.example.com:2375/docker/api"),
        ("tcp://[::1]:2375", "tcp://[::1]:2375"),
        ("tcp://[fe80::1]", "tcp://[fe80::1]:2375"),
        ("http://h:1", "tcp://h:1"),
        ("https://h", "tcp://h:2376"),
    ])
    func reads(_ text: String, as expected: String) throws {
        let host = try DockerHost(parsing: text, origin: .variable("DOCKER_HOST"))
        #expect(host.description == expected)
        #expect((host.tls != nil) == text.hasPrefix("https"))
        #expect(host.isChosen)
    }

    @Test func portDependsOnTLS() throws {
        let host = try DockerHost(parsing: "tcp://h", tls: DockerTLS(), origin: .variable("DOCKER_HOST"))
        #expect(host.description == "tcp://h:2376")
    }

    @Test(arguments: [
        ("", "does not say how to connect"),
        ("/var/run/docker.sock", "does not say how to connect"),
        ("unix://run/docker.sock", "must begin with a slash"),
        ("unix:///" + String(repeating: "x", count: 107), "at most 107 bytes"),
        ("tcp://", "is not HOST or HOST:PORT"),
        ("tcp://:2375", "is not HOST or HOST:PORT"),
        ("tcp://h:", "is not HOST or HOST:PORT"),
        ("tcp://h:0", "is not HOST or HOST:PORT"),
        ("tcp://h:65536", "is not HOST or HOST:PORT"),
        ("tcp://user@h", "is not HOST or HOST:PORT"),
        ("tcp://[::1", "is not HOST or HOST:PORT"),
        ("tcp://::1", "is not HOST or HOST:PORT"),
        ("npipe:////./pipe/docker_engine", "'npipe' is not supported"),
        ("ssh://me@build.example.com", "tote does not reach daemons over SSH"),
    ])
    func refuses(_ text: String, because reason: String) throws {
        let error = try #require(throws: Fault.self) { try DockerHost(parsing: text, origin: .variable("DOCKER_HOST")) }
        #expect(error.message.contains(reason), "\(error.message)")
        #expect(error.message.contains("DOCKER_HOST"))
        #expect(error.hint != nil)
    }

    @Test func showsNoControlCharacters() throws {
        let error = try #require(throws: Fault.self) { try DockerHost(parsing: "ssh://\u{1b}[31m", origin: .context("\u{7}")) }
        #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 })
    }
}

// Who decides where the daemon is. L-12
@Suite struct DockerSearchOrderTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        try context("remote", #"{"Name":"remote","Endpoints":{"docker":{"Host":"tcp://remote:2376","SkipTLSVerify":false}}}"#, tls: true)
        try context("lax", #"{"Name":"lax","Endpoints":{"docker":{"Host":"tcp://lax","SkipTLSVerify":true}}}"#)
        try context("local", #"{"Name":"local","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///run/other.sock"}}}"#)
        try context("ssh", #"{"Endpoints":{"docker":{"Host":"ssh://h"}}}"#)
        try context("kube", #"{"Endpoints":{"kubernetes":{}}}"#)
        try context("broken", "{")
    }

    private func context(_ name: String, _ text: String, tls: Bool = false) throws {
        let identifier = Digest.of(Array(name.utf8)).hex
        try scratch.makeFile("docker/contexts/meta/\(identifier)/meta.json", text)
        guard tls else { return }
        for file in ["ca.pem", "cert.pem", "key.pem"] { try scratch.makeFile("docker/contexts/tls/\(identifier)/docker/\(file)", "x") }
    }

    private func candidates(_ environment: [String: String], current: String? = nil) throws -> [DockerHost] {
        if let current { try scratch.makeFile("docker/config.json", #"{"auths":{},"currentContext":"\#(current)"}"#) }
        return try DockerHost.candidates(["DOCKER_CONFIG": scratch.path("docker")].merging(environment) { $1 })
    }

    @Test func hostBeatsContexts() throws {
        let found = try candidates(
            ["DOCKER_HOST": "unix:///a", "DOCKER_CONTEXT": "remote", "CONTAINER_HOST": "unix:///b"], current: "local")
        #expect(found == [DockerHost(.socket("/a"), origin: .variable("DOCKER_HOST"))])
    }

    @Test func variableBeatsChosenContext() throws {
        let found = try candidates(["DOCKER_CONTEXT": "local", "CONTAINER_HOST": "unix:///b"], current: "remote")
        #expect(found == [DockerHost(.socket("/run/other.sock"), origin: .context("local"))])
    }

    @Test func containerHostBeatsChosenContext() throws {
        let found = try candidates(["CONTAINER_HOST": "unix:///b"], current: "remote")
        #expect(found == [DockerHost(.socket("/b"), origin: .variable("CONTAINER_HOST"))])
    }

    @Test func chosenContextWithCertificates() throws {
        let host = try #require(try candidates([:], current: "remote").first)
        let folder = scratch.path("docker/contexts/tls/\(Digest.of(Array("remote".utf8)).hex)/docker")
        #expect(host.tls == DockerTLS(authority: folder + "/ca.pem", certificate: folder + "/cert.pem", key: folder + "/key.pem"))
        #expect(host.description == "tcp://remote:2376")
        #expect(host.isChosen)
    }

    @Test func contextThatVerifiesNothing() throws {
        let host = try #require(try candidates(["DOCKER_CONTEXT": "lax"]).first)
        #expect(host.tls == DockerTLS(verifiesDaemon: false))
        #expect(host.description == "tcp://lax:2376")
    }

    @Test func defaultContextMeansTheUsualPlaces() throws {
        #expect(try candidates(["DOCKER_CONTEXT": "default"], current: "remote").allSatisfy { !$0.isChosen })
        #expect(try candidates([:], current: "default").allSatisfy { !$0.isChosen })
    }

    @Test func homeHasTheConfiguration() throws {
        try scratch.makeFile(".docker/config.json", #"{"currentContext":"x"}"#)
        let error = try #require(throws: Fault.self) { try DockerHost.candidates(["HOME": scratch.path]) }
        #expect(error.message == "there is no docker context 'x' in '\(scratch.path)/.docker'")
    }

    @Test(arguments: [
        ("gone", "there is no docker context 'gone'"), ("kube", "names no daemon"), ("broken", "is not valid JSON"),
        ("ssh", "tote does not reach daemons over SSH"),
    ])
    func badContext(_ name: String, _ reason: String) throws {
        let error = try #require(throws: Fault.self) { try candidates(["DOCKER_CONTEXT": name]) }
        #expect(error.message.contains(reason), "\(error.message)")
        #expect(error.message.contains("'\(name)'"))
    }

    @Test func variablesForTLS() throws {
        try scratch.makeFile("certificates/ca.pem", "x")
        let environment = ["DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": scratch.path("certificates")]
        #expect(try candidates(environment).first?.tls == DockerTLS(authority: scratch.path("certificates/ca.pem")))
        // Without a path the configuration folder has them; without certificates the system's authorities are trusted.
        #expect(try candidates(["DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1"]).first?.tls == DockerTLS())
        #expect(try candidates(["DOCKER_HOST": "tcp://h", "DOCKER_TLS": "1"]).first?.tls == DockerTLS(verifiesDaemon: false))
        #expect(try candidates(["DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": ""]).first?.tls == nil)
        #expect(try candidates(["DOCKER_HOST": "unix:///x", "DOCKER_TLS_VERIFY": "1"]).first?.tls == nil)
    }

    @Test func onlySocketsThatExist() async throws {
        try scratch.makeFolder("podman")
        let daemon = try await ScriptedServer(on: .socket(scratch.path("podman/podman.sock"))) { _ in .text(.notFound) }
        try scratch.write("", to: "docker.sock")
        let found = try candidates(["XDG_RUNTIME_DIR": scratch.path])
        #expect(found.contains(DockerHost(.socket(daemon.path), origin: .usual)))
        #expect(!found.contains(DockerHost(.socket(scratch.path("docker.sock")), origin: .usual)))
        #expect(
            DockerHost.usualSockets("/r") == ["/var/run/docker.sock", "/r/docker.sock", "/r/podman/podman.sock", "/run/podman/podman.sock"])
    }

    @Test func certificatesThatAreNone() throws {
        let error = try #require(throws: Fault.self) { try DockerTLS(certificate: "/c").configuration() }
        #expect(error.message.contains("needs both"))
        try scratch.write("no certificate", to: "ca.pem")
        let unreadable = try #require(throws: Fault.self) { try DockerTLS(authority: scratch.path("ca.pem")).configuration() }
        #expect(unreadable.message == "no certificates can be read from '\(scratch.path("ca.pem"))'")
    }
}
