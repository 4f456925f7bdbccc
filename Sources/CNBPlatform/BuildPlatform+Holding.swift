import Diagnostics
import OCIImage
import Sandbox

// What work on tote's folder holds while it lasts.
extension BuildPlatform {
    /// Runs `body` while nothing can be removed from the store.
    func holdingStore<Result>(_ body: () async throws -> Result) async throws -> Result {
        guard let lock = try store.lock(.shared) else { throw Fault("the image store '\(home.images)' is locked") }
        defer { lock.release() }
        return try await body()
    }

    /// Runs `body` while nothing else uses the store: refused while a build or the like does.
    func exclusively<Result>(_ body: (StoreLock) throws -> Result) throws -> Result {
        guard let lock = try store.lock(.exclusive, waiting: false) else {
            throw Fault("a build or a run is using tote's folder", hint: "wait until it has ended, then prune again")
        }
        defer { lock.release() }
        return try body(lock)
    }

    /// Gives `body` an empty folder of its own that is gone afterwards. What dead runs left is cleared first.
    func withScratch<Result>(_ body: (_ scratch: String) async throws -> Result) async throws -> Result {
        try BuildScratch.sweep(home.temporary)
        let scratch = try BuildScratch(in: home.temporary)
        // What cannot be removed now is swept by a later run.
        defer { try? scratch.remove() }
        return try await body(scratch.path)
    }
}
