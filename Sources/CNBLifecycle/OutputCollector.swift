import Synchronization

/// Keeps what an executable prints, up to a limit: the last lines win.
final class OutputCollector: Sendable {
    private struct Kept {
        var lines: [String] = []
        var size = 0
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
            while kept.size > limit, kept.lines.count > 1 {
                kept.size -= kept.lines.removeFirst().utf8.count + 1
            }
        }
    }

    var text: String { kept.withLock { $0.lines.joined(separator: "\n") } }

    func last(_ count: Int) -> [String] {
        kept.withLock { Array($0.lines.suffix(count)) }
    }
}
