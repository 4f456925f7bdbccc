import FoundationEssentials
import Glibc

/// Docker's or Podman's own daemon with a folder of its own. Both need root here.
package final class RealDaemon: Sendable {
    package enum Kind: String, CaseIterable, Sendable { case dockerd, podman }

    /// Released before the folder that it uses.
    private let process: PeerProcess
    package let kind: Kind
    package let scratch: ScratchDirectory
    package let socket: String

    /// In CI it is.
    package static func isThere(_ kind: Kind) -> Bool {
        Peer.isThere(kind.rawValue) && (geteuid() == 0 || getenv("CI").map { String(cString: $0) } == "true")
    }

    package init(_ kind: Kind) throws {
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
    package var log: String { scratch.text("log") }

    /// Waits until it does.
    package func answers() async throws {
        let client =
            kind == .dockerd ? ["docker", "-H", "unix://\(socket)", "version"] : ["podman", "--url", "unix://\(socket)", "version"]
        var last = ""
        for _ in 0..<300 {
            let result = try await Program(client).run()
            if result.succeeded { return }
            last = "\(result)"
            try await Task.sleep(for: .milliseconds(100))
        }
        throw TestSetupError("\(kind) does not answer: \(last) \(log.suffix(4000))")
    }

    /// The command line that runs a container of its images, without a network of its own, up to the options.
    package var runPrefix: [String] {
        switch kind {
        case .dockerd: ["docker", "-H", "unix://\(socket)", "run", "--rm", "--network", "none"]
        case .podman:
            // runc, because crun refuses machines that mix the two kinds of cgroups; limits that root of a container may have, too.
            [
                "podman", "--runtime", "runc", "--root", scratch.path("data"), "--runroot", scratch.path("exec"), "--storage-driver", "vfs",
                "--cgroup-manager", "cgroupfs", "run", "--rm", "--network", "none", "--ulimit", "nofile=1000:1000", "--ulimit",
                "nproc=1000:1000",
            ]
        }
    }
}
