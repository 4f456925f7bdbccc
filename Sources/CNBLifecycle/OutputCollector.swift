import Synchronization

/// Keeps what an executable prints, up to a limit: the last lines win.
final class OutputCollector: Sendable {
    private struct Kept {
        var lines: [String] = []
        /// How many lines at the front no longer count: they go all at once, when they are the greater part.
        var dropped = 0
        var size = 0

        mutating func dropFirst() {
            size -= lines[dropped].utf8.count + 1
            lines[dropped] = ""
            dropped += 1
            guard dropped > lines.count / 2 else { return }
            lines.removeFirst(dropped)
            dropped = 0
        }
    }

    private let limit: Int
    private let kept = Mutex(Kept())

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ line: String) {
        kept.withLock { kept in
            kept.lines.append(line)
            kept.size += line.utf8.count + 1
            while kept.size > limit, kept.lines.count > kept.dropped + 1 { kept.dropFirst() }
        }
    }

    var text: String { kept.withLock { $0.lines[$0.dropped...].joined(separator: "\n") } }

    func last(_ count: Int) -> [String] {
        kept.withLock { Array($0.lines[$0.dropped...].suffix(count)) }
    }
}
