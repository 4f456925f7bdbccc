import CNBLifecycle
import CNBPlatform

/// The transfers that are under way, as lines for a terminal: one for each, and the sum when there are several. A value: times and
/// sizes come from outside.
struct TransferBoard {
    private struct Key: Hashable {
        var name: String
        var direction: Transfer.Direction
    }

    private struct Entry {
        var transfer: Transfer
        var rate: TransferRate
    }

    private var entries: [Key: Entry] = [:]
    /// In the order in which they began.
    private var order: [Key] = []
    /// Bytes of those that ended since the board was last empty.
    private var ended: (count: Int, bytes: Int64) = (0, 0)
    private var rate = TransferRate()

    var isEmpty: Bool { entries.isEmpty }

    mutating func update(_ transfer: Transfer, at time: Duration) {
        let key = Key(name: transfer.name, direction: transfer.direction)
        let before = entries[key]?.transfer.done ?? 0
        switch transfer.state {
        case .moving:
            if entries[key] == nil { order.append(key) }
            var entry = entries[key] ?? Entry(transfer: transfer, rate: TransferRate())
            entry.transfer = transfer
            entry.rate.add(max(0, transfer.done - before), at: time)
            entries[key] = entry
        case .complete, .stopped:
            guard entries.removeValue(forKey: key) != nil else { return }
            order.removeAll { $0 == key }
            if transfer.state == .complete { ended = (ended.count + 1, ended.bytes + transfer.done) }
        }
        rate.add(max(0, transfer.done - before), at: time)
        if entries.isEmpty { self = TransferBoard() }
    }

    /// None longer than `columns`, no more than `rows`.
    func lines(at time: Duration, columns: Int, rows: Int) -> [String] {
        guard !entries.isEmpty, columns > 0, rows > 0 else { return [] }
        let all = order.compactMap { entries[$0] }
        let hasSum = all.count + ended.count > 1
        var lines = all.prefix(hasSum ? rows - 1 : rows).map { entry in
            let transfer = entry.transfer
            let arrow = transfer.direction == .download ? "↓" : "↑"
            return Self.line("\(arrow) \(transfer.name)", transfer.done, transfer.total, entry.rate.bytesPerSecond(at: time))
        }
        if hasSum {
            // A registry's word, so it may be any number.
            let total = all.reduce(Int64?(ended.bytes)) { sum, entry in
                sum.flatMap { sum in entry.transfer.total.map { sum + min($0, .max - sum) } }
            }
            let count = all.count + ended.count
            lines.append(
                Self.line(
                    "  \(ended.count) of \(count) done", ended.bytes + all.reduce(0) { $0 + $1.transfer.done }, total,
                    rate.bytesPerSecond(at: time)))
        }
        return lines.map { DisplayText.cut($0, to: columns) }
    }

    private static func line(_ label: String, _ done: Int64, _ total: Int64?, _ rate: Int64) -> String {
        func column(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
        let name = label + String(repeating: " ", count: max(0, 22 - DisplayText.width(label)))
        var line = "\(name) \(column(formatted(bytes: done), 7))"
        if let total {
            let share = total > 0 ? min(100, Int(Double(done) / Double(total) * 100)) : 100
            line += " of \(column(formatted(bytes: total), 7)) \(column("\(share)%", 4))"
        }
        return line + "  \(formatted(bytes: rate))/s"
    }
}

/// Bytes a second, over the last few seconds.
struct TransferRate {
    private static let window = Duration.seconds(4)
    private var samples: [(time: Duration, bytes: Int64)] = []

    mutating func add(_ bytes: Int64, at time: Duration) {
        // What comes within a twentieth of a second counts as one.
        if let last = samples.last, time - last.time < .milliseconds(50), samples.count > 1 {
            samples[samples.count - 1].bytes += bytes
        } else {
            samples.append((time, bytes))
        }
        samples.removeAll { time - $0.time > Self.window }
    }

    func bytesPerSecond(at time: Duration) -> Int64 {
        let recent = samples.filter { time - $0.time <= Self.window }
        guard let first = recent.first else { return 0 }
        let seconds = max((time - first.time) / .seconds(1), 0.1)
        // The first sample tells when the clock started, what it moved came before.
        return Int64(Double(recent.dropFirst().reduce(0) { $0 + $1.bytes }) / seconds)
    }
}
