/// The system calls that commands in the sandbox are refused.
///
/// Everything else is allowed: capabilities and namespaces are the walls, this takes away what attacks on the kernel itself like to use and
/// what no build needs. Programs that run under the default profiles of docker and podman run under this one, too.
struct SeccompProfile: Encodable {
    struct Rule: Encodable {
        struct Argument: Encodable {
            var index: Int
            var value: UInt64
            var valueTwo: UInt64?
            var op: String
        }

        var names: [String]
        var action = "SCMP_ACT_ERRNO"
        var errnoRet: UInt32
        var args: [Argument]?
    }

    var defaultAction = "SCMP_ACT_ALLOW"
    var architectures: [String]
    var syscalls: [Rule]

    static let standard = SeccompProfile(
        architectures: architectures, syscalls: [refused, withoutNamespaces, clone3, terminalInput, hypervisorSockets])

    /// A call by a machine language that is not listed would be answered by death.
    private static var architectures: [String] {
        #if arch(x86_64)
            ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
        #elseif arch(arm64)
            ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
        #else
            []
        #endif
    }

    private static let notPermitted: UInt32 = 1
    private static let notImplemented: UInt32 = 38

    private static let refused = Rule(
        names: [
            // Mounts and other namespaces.
            "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_by_handle_at", "open_tree",
            "pivot_root", "setns",
            "umount", "umount2", "unshare",
            // Keys of the kernel, which know no namespaces.
            "add_key", "keyctl", "request_key",
            // Wide doors into the kernel.
            "bpf", "io_uring_enter", "io_uring_register", "io_uring_setup", "lookup_dcookie", "perf_event_open", "userfaultfd", "vm86",
            "vm86old",
            // The machine as a whole.
            "acct", "clock_settime", "create_module", "delete_module", "finit_module", "init_module", "ioperm", "iopl", "kexec_file_load",
            "kexec_load",
            "nfsservctl", "quotactl", "reboot", "settimeofday", "stime", "swapoff", "swapon", "syslog", "vhangup",
        ], errnoRet: notPermitted)

    /// clone(2) with CLONE_NEWUSER: without a user namespace of its own, a command lacks the right to any other.
    private static let withoutNamespaces = Rule(
        names: ["clone"], errnoRet: notPermitted,
        args: [.init(index: 0, value: 0x1000_0000, valueTwo: 0x1000_0000, op: "SCMP_CMP_MASKED_EQ")])

    /// Its flags are out of a filter's reach. Told that it does not exist, C libraries use clone(2).
    private static let clone3 = Rule(names: ["clone3"], errnoRet: notImplemented)

    /// ioctl(TIOCSTI): typing into the terminal of whoever started tote.
    private static let terminalInput = Rule(
        names: ["ioctl"], errnoRet: notPermitted, args: [.init(index: 1, value: 0xffff_ffff, valueTwo: 0x5412, op: "SCMP_CMP_MASKED_EQ")])

    /// socket(AF_VSOCK): a channel to the host of a virtual machine, which network namespaces do not cut.
    private static let hypervisorSockets = Rule(
        names: ["socket"], errnoRet: notPermitted, args: [.init(index: 0, value: 40, valueTwo: nil, op: "SCMP_CMP_EQ")])
}
