import Diagnostics
import Glibc

/// Keeps blobs from being removed while a build relies on them.
///
/// Builds hold it shared from the first blob they look for until their image has its name; removing what is unreachable
/// needs it exclusive. The kernel frees it when the process dies.
package final class StoreLock: Sendable {
    package enum Mode: Sendable { case shared, exclusive }

    private let file: OwnedDescriptor

    /// Nil when the lock is taken and `waiting` is false.
    package init?(_ path: String, _ mode: Mode, waiting: Bool = true) throws {
        file = try HostFile.open(path, O_RDWR | O_CREAT, mode: 0o600)
        let operation = mode == .shared ? LOCK_SH : LOCK_EX
        guard try HostFile.lock(file.number, waiting ? operation : operation | LOCK_NB, path) else { return nil }
    }

    /// Ends the lock now. Call it at the end of the work even though the end of the object does the same: the compiler may
    /// end an object after its last use.
    package func release() { flock(file.number, LOCK_UN) }
}
