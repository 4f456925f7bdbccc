import Glibc

/// Keeps the blobs of a layout that one cache has for itself from being removed while somebody reads them, and its writers apart.
package final class LayoutLock: Sendable {
    private let file: OwnedDescriptor

    /// Waits for it. Nil when there is no layout.
    package init?(_ directory: String, _ mode: StoreLock.Mode) throws {
        let marker = "\(directory)/oci-layout"
        guard let (file, _) = try HostFile.openForReading(marker) else { return nil }
        self.file = file
        _ = try HostFile.lock(file.number, mode == .shared ? LOCK_SH : LOCK_EX, marker)
    }

    /// Ends the lock now, whenever the object ends.
    package func release() { flock(file.number, LOCK_UN) }
}
