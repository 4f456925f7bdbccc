/// Counts bytes against what is expected, and says when it is worth telling someone.
struct ProgressMeter {
    private static let step: Int64 = 1 << 20

    let total: Int64
    private(set) var done: Int64 = 0
    private var told: Int64 = 0

    init(total: Int64) { self.total = total }

    /// false when this is more than there should be.
    mutating func add(_ count: Int) -> Bool {
        done &+= Int64(count)
        return done <= total
    }

    var isDue: Bool {
        mutating get {
            guard done - told >= Self.step else { return false }
            told = done
            return true
        }
    }
}
