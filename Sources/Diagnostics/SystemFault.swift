import Glibc

extension Fault {
    /// A failed system call: "opening '/x/y': Permission denied". Reads `errno`, so build it right after the call.
    package init(system action: String, code: Int32 = errno, hint: String? = nil, exitCode: Int32 = 1) {
        self.init("\(action): \(String(cString: strerror(code)))", hint: hint ?? Self.hint(for: code), exitCode: exitCode)
    }

    private static func hint(for code: Int32) -> String? {
        switch code {
        case ENOSPC: "the disk is full: free some space, then run the same command again (nothing half-written is kept)"
        case EDQUOT: "your disk quota is used up: free some space, then run the same command again (nothing half-written is kept)"
        case EROFS: "the disk is read-only: make it writable, or name a place on another disk"
        default: nil
        }
    }
}
