import Glibc

/// What a signal does to the first process of a sandbox.
///
/// The kernel spares the first process of a namespace every signal that it has no handler for, SIGKILL aside: a program that would die of
/// Control-C anywhere else would live on. So the usual effect is brought about here.
enum SignalDisposition {
    private static let deadly: Set<Int32> = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2]

    /// Whether a process would end by this signal if it were no first process.
    static func ends(_ process: pid_t, _ signal: Int32) -> Bool {
        guard deadly.contains(signal), let status = SmallFile.read("/proc/\(process)/status") else { return false }
        return !isHandled(signal, status: status)
    }

    /// Reads the masks of blocked, ignored and caught signals in the text of /proc/PID/status. What cannot be understood counts as handled.
    static func isHandled(_ signal: Int32, status: String) -> Bool {
        var masks: [UInt64] = []
        for line in status.split(separator: "\n") {
            for name in ["SigBlk:", "SigIgn:", "SigCgt:"] where line.hasPrefix(name) {
                guard let mask = UInt64(line.dropFirst(name.count).drop { $0.isWhitespace }, radix: 16) else { return true }
                masks.append(mask)
            }
        }
        return masks.count != 3 || masks.contains { $0 & (1 << UInt64(signal - 1)) != 0 }
    }
}
