/// Repeats what failed for a passing reason, with growing pauses (I-12).
struct Retry: Sendable {
    var delays: [Duration]
    /// A registry that asks for more patience than this gets an error at once, which says how long it asked for.
    var longestWait: Duration = .seconds(60)
    /// Whether no connection ends it: another place has the same.
    var givesUpUnreachable = false
    var onRetry: @Sendable (RegistryError, Duration) -> Void

    /// `isRenewed` is asked after each failure: true when so much was reached that the attempts are counted anew.
    func run<Value: Sendable>(isRenewed: () -> Bool = { false }, _ attempt: () async throws -> Value) async throws -> Value {
        var remaining = delays[...]
        while true {
            do {
                return try await attempt()
            } catch let error as RegistryError where error.isTransient {
                if givesUpUnreachable, error.kind == .unreachable { throw error }
                if isRenewed() { remaining = delays[...] }
                guard let delay = remaining.popFirst() else { throw error }
                let pause = max(delay, error.retryAfter ?? .zero)
                guard pause <= longestWait else { throw error }
                onRetry(error, pause)
                try await Task.sleep(for: pause)
            }
        }
    }
}
