/// Tells programs of a transfer now and then, not of every piece of it.
struct TransferPace {
    private static let pause = Duration.milliseconds(200)
    private var told: [String: Duration] = [:]

    /// Whether it is time to tell again how far the transfer of that name is.
    mutating func isDue(_ name: String, at time: Duration) -> Bool {
        if let last = told[name], time - last < Self.pause { return false }
        told[name] = time
        return true
    }
}
