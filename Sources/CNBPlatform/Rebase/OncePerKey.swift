/// Work that is done once for each key, however many ask for its result at once or later. Unlike `SharedWork`, it keeps the results, and who is
/// cancelled ends the work for all.
actor OncePerKey<Key: Hashable & Sendable, Value: Sendable> {
    private var begun: [Key: Task<Value, any Error>] = [:]

    func value(for key: Key, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = begun[key] ?? Task { try await work() }
        begun[key] = task
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            // A command is interrupted as a whole.
            task.cancel()
        }
    }
}
