import FoundationEssentials
import Glibc
import TestSupport

/// Docker's or Podman's own daemon with a folder of its own. Both need root here.
final class RealDaemon: Sendable {
    enum Kind: String, CaseIterable, Sendable { case dockerd, podman }

    /// Released before the folder that it uses.
    private let process: PeerProcess
    let kind: Kind
    let scratch: ScratchDirectory
    let socket: String

    /// In CI it is.
    static func isThere(_ kind: Kind) -> Bool {
        Peer.isThere(kind.rawValue) && (geteuid() == 0 || getenv("CI").map { String(cString: $0) } == "true")
    }

    init(_ kind: Kind) throws {
        guard let program = Peer.path(of: kind.rawValue) else { throw TestSetupError("\(kind) is not installed") }
        self.kind = kind
        // Overlays on a file system in memory lack extended attributes on some kernels.
        scratch = try ScratchDirectory(in: "/tmp")
        socket = scratch.path("d.sock")
        let arguments =
            switch kind {
            case .dockerd:
                [
                    program, "--bridge=none", "--iptables=false", "--data-root", scratch.path("data"), "--exec-root", scratch.path("exec"),
                    "--pidfile", scratch.path("pid"), "-H", "unix://\(socket)",
                ]
            case .podman:
                [
                    program, "--root", scratch.path("data"), "--runroot", scratch.path("exec"), "--storage-driver", "vfs", "system",
                    "service",
                    "--time=0", "unix://\(socket)",
                ]
            }
        process = try PeerProcess(arguments, log: scratch.path("log"))
    }

    deinit {
        // Killed outright, dockerd would leave mounts. It removes this file when it is done.
        let number = scratch.text("pid").filter(\.isNumber)
        guard kind == .dockerd, let id = pid_t(number), id > 1 else { return }
        kill(id, SIGTERM)
        for _ in 0..<1000 where Peer.exists(scratch.path("pid")) { usleep(10_000) }
    }

    /// What it logged so far.
    var log: String { scratch.text("log") }
}
