import Glibc

/// Keeps the blobs of a layout that one cache has for itself from being removed while somebody reads them, and its writers apart.
package final class LayoutLock: Sendable {
    private let file: OwnedDescriptor
    private static let pause = Duration.milliseconds(100)

    /// Waits for it, and says so once. Nil when there is no layout.
    package init?(_ directory: String, _ mode: StoreLock.Mode, waiting: @Sendable () -> Void) async throws {
        let marker = "\(directory)/oci-layout"
        guard let (file, _) = try HostFile.openForReading(marker) else { return nil }
        self.file = file
        let operation = (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
        guard try !HostFile.lock(file.number, operation, marker) else { return }
        waiting()
        // A thread that waited in the kernel would not hear that its task was cancelled.
        repeat { try await Task.sleep(for: Self.pause) } while try !HostFile.lock(file.number, operation, marker)
    }

    /// Ends the lock now, whenever the object ends.
    package func release() { flock(file.number, LOCK_UN) }
}
