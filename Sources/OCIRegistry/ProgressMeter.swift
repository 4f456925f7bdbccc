/// Counts bytes against what is expected, and says when it is worth telling someone: after a megabyte, or sooner when bytes are slow.
struct ProgressMeter {
    private static let step: Int64 = 1 << 20
    private static let pause = Duration.milliseconds(100)

    let total: Int64
    private(set) var done: Int64 = 0
    private var told: Int64 = 0
    private var toldAt = ContinuousClock.now

    init(total: Int64) { self.total = total }

    /// false when this is more than there should be.
    mutating func add(_ count: Int) -> Bool {
        done &+= Int64(count)
        return done <= total
    }

    var isDue: Bool {
        mutating get {
            guard done > told else { return false }
            let now = ContinuousClock.now
            guard done - told >= Self.step || now - toldAt >= Self.pause else { return false }
            told = done
            toldAt = now
            return true
        }
    }
}
