import CLinux
import Diagnostics
import Glibc

/// https://github.com/containers/crun
package struct Crun: SandboxRuntime {
    private let program: OCIProgram

    package static func probe() throws -> Crun? {
        guard let path = ProgramSearch.find("crun") else { return nil }
        try CgroupTree.hideUnlessUnified()
        return Crun(
            program: OCIProgram(path: path, options: ["--cgroup-manager=disabled"], needsDeletion: false, forgetsRestrictions: true))
    }

    package func run(_ command: SandboxCommand, in root: SandboxRoot, output: SandboxOutput, signals: AsyncStream<Int32>?) async throws
        -> SandboxExit
    {
        try await program.run(command, in: root, output: output, signals: signals)
    }
}

/// crun refuses to start beside cgroups of version 1, though nothing of them is used here.
enum CgroupTree {
    private static let path = "/sys/fs/cgroup"

    /// Covers the tree in this mount namespace.
    static func hideUnlessUnified() throws {
        let unified: Int64 = 0x6367_7270
        let type = clinux_file_system_type(path)
        guard type >= 0, type != unified, !isHidden else { return }
        guard clinux_mount("none", path, "tmpfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY), "size=0,mode=755") == 0 else {
            throw Fault(system: "hiding '\(path)' from crun")
        }
    }

    /// Nothing below: covered already, or never there.
    private static var isHidden: Bool {
        var status = stat()
        return stat(path + "/cpu", &status) != 0 && stat(path + "/memory", &status) != 0 && stat(path + "/systemd", &status) != 0
            && stat(path + "/unified", &status) != 0
    }
}
