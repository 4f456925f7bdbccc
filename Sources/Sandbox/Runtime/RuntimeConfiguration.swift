import CLinux
import Glibc

/// The config.json of one command, as the OCI runtime specification wants it; only what is used here.
struct RuntimeConfiguration: Encodable {
    struct Process: Encodable {
        struct User: Encodable {
            var uid: UInt32
            var gid: UInt32
            var umask: UInt32
            var additionalGids: [UInt32]?
        }

        struct Capabilities: Encodable {
            var bounding: [String] = []
            var effective: [String] = []
            var permitted: [String] = []
            var inheritable: [String] = []
            var ambient: [String] = []
        }

        struct ConsoleSize: Encodable {
            var height: UInt
            var width: UInt
        }

        var terminal: Bool
        var consoleSize: ConsoleSize?
        var user: User
        var args: [String]
        var env: [String]
        var cwd: String
        var capabilities = Capabilities()
        var noNewPrivileges = true
    }

    struct Root: Encodable {
        var path: String
        var readonly = false
    }

    struct Mount: Encodable {
        var destination: String
        var type: String
        var source: String
        var options: [String]
    }

    struct Linux: Encodable {
        struct Namespace: Encodable {
            var type: String
        }

        struct IDMapping: Encodable {
            var containerID: UInt32
            var hostID: UInt32
            var size: UInt32
        }

        var namespaces: [Namespace]
        var uidMappings: [IDMapping]?
        var gidMappings: [IDMapping]?
        var maskedPaths: [String]
        var readonlyPaths: [String]
        var seccomp = SeccompProfile.standard
    }

    struct Hooks: Encodable {
        struct Hook: Encodable {
            var path: String
            var args: [String]
        }

        var createContainer: [Hook]
    }

    var ociVersion = "1.0.2"
    var process: Process
    var root: Root
    var hostname: String
    var mounts: [Mount]
    var linux: Linux
    var hooks: Hooks?
}

extension RuntimeConfiguration {
    /// No rlimits: those of the caller go on, and asking for more than the hard limit would fail.
    init(_ command: SandboxCommand, rootPath: String, mode: NamespaceMode) {
        // The only id that exists here is 0. Whoever the command is to be, a second user namespace calls that id so.
        let isRenamed = mode == .single && (command.user != 0 || command.group != 0)
        process = Process(
            terminal: command.terminal, consoleSize: command.terminal ? Self.consoleSize : nil,
            user: .init(
                uid: command.user, gid: command.group, umask: 0o022,
                additionalGids: mode == .single || command.additionalGroups.isEmpty ? nil : command.additionalGroups),
            args: command.arguments, env: command.environment, cwd: command.workingDirectory)
        root = Root(path: rootPath)
        hostname = command.hostname
        mounts = Self.mounts(hasTerminalGroup: mode != .single)
        var namespaces = ["pid", "ipc", "uts", "mount"]
        if command.network == .none { namespaces.append("network") }
        if isRenamed { namespaces.append("user") }
        linux = Linux(
            namespaces: namespaces.map(Linux.Namespace.init),
            uidMappings: isRenamed ? [.init(containerID: command.user, hostID: 0, size: 1)] : nil,
            gidMappings: isRenamed ? [.init(containerID: command.group, hostID: 0, size: 1)] : nil,
            maskedPaths: Self.maskedPaths, readonlyPaths: Self.readOnlyPaths + command.readOnlyPaths)
    }

    /// That of the terminal which tote itself has.
    private static var consoleSize: Process.ConsoleSize? {
        var size = winsize()
        guard ioctl(0, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else { return nil }
        return .init(height: UInt(size.ws_row), width: UInt(size.ws_col))
    }

    /// `hasTerminalGroup`: whether the group 5, which owns terminals, exists. /sys is there already: ``SandboxRoot`` mounts it.
    private static func mounts(hasTerminalGroup: Bool) -> [Mount] {
        [
            Mount(destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            Mount(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "noexec", "strictatime", "mode=755", "size=65536k"]),
            Mount(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] + (hasTerminalGroup ? ["gid=5"] : [])),
            Mount(destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777"]),
            Mount(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
        ]
    }

    /// What tells about the machine more than a build may know; the list that podman and docker use.
    private static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
    ]

    private static let readOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// Has the root made nosuid and nodev once more, by a hook inside the new mount namespace.
    mutating func restrictRootAgain() {
        // In a user namespace below ours the kernel itself keeps the restrictions.
        guard linux.uidMappings == nil, let mount = ProgramSearch.find("mount") else { return }
        // A hook that does not read what it is sent makes the runtime fail, now and then.
        let script = "while read -r _; do :; done; exec \"$1\" -o remount,bind,nosuid,nodev \"$2\""
        hooks = Hooks(createContainer: [.init(path: "/bin/sh", args: ["sh", "-c", script, "sh", mount, root.path])])
    }
}
