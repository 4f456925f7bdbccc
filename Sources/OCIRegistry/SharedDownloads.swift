import Archive

/// Makes all who want one blob at the same time wait for one download of it.
///
/// One who is cancelled leaves at once and disturbs nobody; when the last one leaves, the download is cancelled.
actor SharedDownloads {
    private struct Running {
        var number: Int
        var task: Task<Void, Never>
        var waiting: [Int: CheckedContinuation<String, any Error>]
    }

    private var running: [String: Running] = [:]
    private var lastNumber = 0

    /// What `download` gives: the path of the blob in the store. `key` names blob and store.
    func path(of key: String, download: @escaping @Sendable () async throws -> String) async throws -> String {
        try Task.checkCancellation()
        lastNumber += 1
        let waiter = lastNumber
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                running[key, default: start(key, number: waiter, download)].waiting[waiter] = continuation
            }
        } onCancel: {
            Task { await self.leave(key, waiter) }
        }
    }

    private func start(_ key: String, number: Int, _ download: @escaping @Sendable () async throws -> String) -> Running {
        let task = Task {
            let result: Result<String, any Error>
            do { result = .success(try await download()) } catch { result = .failure(error) }
            finish(key, number: number, result)
        }
        return Running(number: number, task: task, waiting: [:])
    }

    private func finish(_ key: String, number: Int, _ result: Result<String, any Error>) {
        // A download that everyone left may be finished after the next one for the same blob has begun.
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
