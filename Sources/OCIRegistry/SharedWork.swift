/// Makes all who want one thing at the same time wait for one piece of work that gets it: a download, a token.
///
/// One who is cancelled leaves at once and disturbs nobody; when the last one leaves, the work is cancelled.
actor SharedWork<Value: Sendable> {
    private struct Running {
        var number: Int
        var task: Task<Void, Never>
        var waiting: [Int: CheckedContinuation<Value, any Error>]
    }

    private var running: [String: Running] = [:]
    private var lastNumber = 0

    /// What `work` gives, or what another call with the same `key` is about to get.
    func value(of key: String, work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        lastNumber += 1
        let waiter = lastNumber
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                running[key, default: start(key, number: waiter, work)].waiting[waiter] = continuation
            }
        } onCancel: {
            Task { await self.leave(key, waiter) }
        }
    }

    private func start(_ key: String, number: Int, _ work: @escaping @Sendable () async throws -> Value) -> Running {
        let task = Task {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            finish(key, number: number, result)
        }
        return Running(number: number, task: task, waiting: [:])
    }

    private func finish(_ key: String, number: Int, _ result: Result<Value, any Error>) {
        // Work that everyone left may be finished after the next one for the same key has begun.
        guard let entry = running[key], entry.number == number else { return }
        running[key] = nil
        for continuation in entry.waiting.values { continuation.resume(with: result) }
    }

    private func leave(_ key: String, _ waiter: Int) {
        guard let continuation = running[key]?.waiting.removeValue(forKey: waiter) else { return }
        continuation.resume(throwing: CancellationError())
        if let entry = running[key], entry.waiting.isEmpty {
            entry.task.cancel()
            running[key] = nil
        }
    }
}
