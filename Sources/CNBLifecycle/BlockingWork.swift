import Dispatch
import Synchronization

/// Tells work that runs outside of Swift's tasks that the task it is done for was cancelled.
package final class CancellationCheck: Sendable {
    private let isCancelled = Atomic<Bool>(false)

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Throws `CancellationError` once the task is cancelled.
    package func callAsFunction() throws {
        if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
    }
}

/// Runs work that blocks (disk, compression) where it does not hold up Swift's own threads. Long work calls `check` now and then.
package func blocking<Result: Sendable>(_ work: @escaping @Sendable (_ check: CancellationCheck) throws -> Result) async throws -> Result {
    try Task.checkCancellation()
    let check = CancellationCheck()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try work(check) })
            }
        }
    } onCancel: {
        check.cancel()
    }
}
