import FoundationEssentials
package import OCIImage
import Synchronization

/// A real registry (the Debian package docker-registry) on a free port of this machine.
package final class DockerRegistry: Sendable {
    package static let program = "docker-registry"
    package static var isThere: Bool { Peer.isThere(program) }

    /// `127.0.0.1:41234`
    package let host: String
    private let process: Mutex<PeerProcess?>
    private let scratch: ScratchDirectory

    /// Waits until it listens. `extra` is added to its configuration; `http` to the section of that name. One that is
    /// read-only takes no images.
    package init(extra: String = "", http: String = "", isReadOnly: Bool = false) async throws {
        guard let program = Peer.path(of: Self.program) else { throw TestSetupError("\(Self.program) is not installed") }
        scratch = try ScratchDirectory()
        try scratch.write(
            """
            version: 0.1
            log: {level: info, accesslog: {disabled: false}}
            storage:
              filesystem: {rootdirectory: \(scratch.path("data"))}
              delete: {enabled: true}
              maintenance: {readonly: {enabled: \(isReadOnly)}}
            http:
              addr: 127.0.0.1:0
            \(http)
            \(extra)
            """, to: "config.yml")
        process = Mutex(try PeerProcess([program, "serve", scratch.path("config.yml")], log: scratch.path("log")))
        host = try await Self.address(scratch)
    }

    /// Where it listens.
    private static func address(_ scratch: ScratchDirectory) async throws -> String {
        let marker = "listening on "
        for _ in 0..<500 {
            if let found = scratch.text("log").firstRange(of: marker) {
                return String(scratch.text("log")[found.upperBound...].prefix { $0 != "\"" && $0 != "," && !$0.isWhitespace })
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestSetupError("\(program) does not listen: \(scratch.text("log"))")
    }

    /// What it logged so far: one line per request, among others.
    package var log: String { scratch.text("log") }

    /// Requests so far whose method is one of these and whose path contains `part`.
    package func requests(_ methods: String..., containing part: String = "") -> Int {
        log.split(separator: "\n").count { line in
            methods.contains { line.contains("\"\($0) /v2/") } && line.contains(part)
        }
    }

    package func reference(_ name: String) throws -> Reference {
        try Reference(parsing: "\(host)/\(name)")
    }
}

extension DockerRegistry {
    /// Removes all blobs behind its back, as a garbage collection at the wrong time does.
    package func loseBlobs() throws {
        for folder in ["blobs", "repositories"] {
            try FileManager.default.removeItem(atPath: scratch.path("data/docker/registry/v2/\(folder)"))
        }
    }
}

extension DockerRegistry {
    /// Starts again in the same place, as one that takes nothing new, or that does again. The log begins anew.
    package func restart(readOnly: Bool) async throws {
        let config = scratch.text("config.yml").split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("maintenance:") }
            .flatMap { line in
                let line = line.contains("addr: ") ? "  addr: \(host)" : line
                return line.contains("delete: {") && readOnly ? [line, "  maintenance: {readonly: {enabled: true}}"] : [line]
            }
        try scratch.write(config.joined(separator: "\n"), to: "config.yml")
        process.withLock { $0 = nil }
        let started = try PeerProcess([Self.program, "serve", scratch.path("config.yml")], log: scratch.path("log"))
        process.withLock { $0 = started }
        _ = try await Self.address(scratch)
    }
}
