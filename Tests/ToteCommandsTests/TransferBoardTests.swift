import CNBLifecycle
import Testing

@testable import ToteCommands

/// Events in, screen out.
struct TransferBoardTests {
    private var board = TransferBoard()

    private func lines(at seconds: Double, columns: Int = 79, rows: Int = 8) -> [String] {
        board.lines(at: .seconds(seconds), columns: columns, rows: rows)
    }

    @Test mutating func oneTransfer() {
        #expect(lines(at: 0) == [])
        board.update(Transfer(.download, "sha256:0123456789ab", .moving, done: 0, of: 50_000_000), at: .seconds(1))
        board.update(Transfer(.download, "sha256:0123456789ab", .moving, done: 10_000_000, of: 50_000_000), at: .seconds(2))
        #expect(lines(at: 2) == ["↓ sha256:0123456789ab    10 MB of   50 MB  20%  10 MB/s"])
        // It stands still, and the rate says so.
        #expect(lines(at: 4) == ["↓ sha256:0123456789ab    10 MB of   50 MB  20%  3.3 MB/s"])
        #expect(lines(at: 9) == ["↓ sha256:0123456789ab    10 MB of   50 MB  20%  0 B/s"])
        board.update(Transfer(.download, "sha256:0123456789ab", .complete, done: 50_000_000, of: 50_000_000), at: .seconds(9))
        #expect(board.isEmpty && lines(at: 9) == [])
    }

    @Test mutating func severalHaveASum() {
        board.update(Transfer(.upload, "a", .moving, done: 1000, of: 4000), at: .zero)
        board.update(Transfer(.upload, "b", .moving, done: 0, of: 4000), at: .zero)
        #expect(
            lines(at: 1) == [
                "↑ a                     1.0 kB of  4.0 kB  25%  0 B/s", "↑ b                        0 B of  4.0 kB   0%  0 B/s",
                "  0 of 2 done           1.0 kB of  8.0 kB  12%  0 B/s",
            ])
        // The same name the other way is another transfer.
        board.update(Transfer(.download, "a", .moving, done: 0, of: 100), at: .seconds(1))
        #expect(lines(at: 1).count == 4)
        board.update(Transfer(.download, "a", .stopped), at: .seconds(1))
        board.update(Transfer(.upload, "a", .complete, done: 4000, of: 4000), at: .seconds(1))
        #expect(lines(at: 1).last?.hasPrefix("  1 of 2 done           4.0 kB of  8.0 kB  50%") == true, "\(lines(at: 1))")
        board.update(Transfer(.upload, "b", .complete, done: 4000, of: 4000), at: .seconds(2))
        // The next ones are counted from the beginning.
        board.update(Transfer(.upload, "c", .moving, done: 0, of: 10), at: .seconds(3))
        #expect(lines(at: 3).count == 1)
    }

    @Test mutating func sizesThatAreLies() {
        for name in ["a", "b"] { board.update(Transfer(.download, name, .moving, done: 0, of: .max), at: .zero) }
        #expect(lines(at: 1).last?.hasPrefix("  0 of 2 done") == true)
    }

    @Test mutating func endsWithoutABeginning() {
        board.update(Transfer(.download, "small", .complete, done: 10, of: 10), at: .zero)
        board.update(Transfer(.download, "never", .stopped), at: .zero)
        #expect(board.isEmpty)
    }

    @Test mutating func sizesThatNobodyKnows() {
        board.update(Transfer(.download, "the daemon's image", .moving, done: 2_000_000), at: .zero)
        board.update(Transfer(.download, "b", .moving, done: 0, of: 0), at: .zero)
        #expect(lines(at: 0)[0] == "↓ the daemon's image    2.0 MB  0 B/s")
        #expect(lines(at: 0)[1].contains("100%"))
        #expect(lines(at: 0)[2] == "  0 of 2 done           2.0 MB  0 B/s")
    }

    @Test mutating func fitsTheWindow() {
        for number in 0..<30 { board.update(Transfer(.download, "blob-\(number)", .moving, done: 5, of: 10), at: .zero) }
        for columns in [1, 2, 10, 30, 79] {
            for rows in [1, 2, 8] {
                let lines = lines(at: 1, columns: columns, rows: rows)
                #expect(lines.count == rows)
                #expect(lines.allSatisfy { DisplayText.width($0) <= columns }, "\(lines)")
            }
        }
        #expect(lines(at: 1, rows: 2)[1].hasPrefix("  0 of 30 done"))
        #expect(lines(at: 1, columns: 0) == [] && lines(at: 1, rows: 0) == [])
    }

    @Test func cutText() {
        #expect(DisplayText.cut("abc", to: 3) == "abc")
        #expect(DisplayText.cut("abcd", to: 3) == "ab…")
        #expect(DisplayText.cut("日本語", to: 5) == "日本…")
        #expect(DisplayText.cut("日本語", to: 4) == "日…")
        #expect(DisplayText.cut("abc", to: 0) == "")
    }
}

/// What a terminal shows of what it is sent: as far as tote uses one.
struct TerminalPicture {
    private(set) var lines = [""]
    private var row = 0
    private var column = 0

    mutating func feed(_ text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\n":
                // As terminals are set: to the start of the next line.
                row += 1
                column = 0
                if row == lines.count { lines.append("") }
            case "\r": column = 0
            case "\u{1b}":
                let parameters = rest.dropFirst().prefix { ("0"..."9").contains($0) }
                let command = rest.dropFirst(1 + parameters.count).first
                rest = rest.dropFirst(2 + parameters.count)
                switch command {
                case "A": row = max(0, row - (Int(String(String.UnicodeScalarView(parameters))) ?? 1))
                case "J":
                    lines.removeSubrange((row + 1)...)
                    lines[row] = String(lines[row].prefix(column))
                default: Issue.record("no sequence of tote's: \(String(describing: command))")
                }
            default:
                var line = Array(lines[row])
                while line.count <= column { line.append(" ") }
                line[column] = Character(scalar)
                lines[row] = String(line)
                column += 1
            }
        }
    }
}

struct LiveRegionTests {
    private var region = LiveRegion()
    private var screen = TerminalPicture()

    private mutating func draw(above lines: [String] = [], _ shown: [String]) { screen.feed(region.output(above: lines, region: shown)) }

    @Test mutating func linesGoAboveTheRegion() {
        draw(above: ["first"], [])
        #expect(screen.lines == ["first", ""])
        draw(["a 1", "b 1"])
        #expect(screen.lines == ["first", "a 1", "b 1"])
        draw(["a 2", "b 2"])
        #expect(screen.lines == ["first", "a 2", "b 2"])
        draw(above: ["second", "third\nwith more"], ["a 2", "b 2", "c 2"])
        #expect(screen.lines == ["first", "second", "third", "with more", "a 2", "b 2", "c 2"])
        draw(["c"])
        #expect(screen.lines == ["first", "second", "third", "with more", "c"])
        draw([])
        #expect(screen.lines == ["first", "second", "third", "with more", ""])
        // The next program writes at the start of the free line.
        screen.feed("$ ")
        #expect(screen.lines.last == "$ ")
    }

    @Test mutating func nothingNewIsNothingToSend() {
        #expect(region.output(region: []) == "")
        #expect(region.output(region: ["a"]) == "a\r")
        #expect(region.output(region: ["a"]) == "")
    }

    /// What a signal handler writes, at whatever moment.
    @Test mutating func theErasureRemovesAnyRegion() {
        draw(above: ["kept"], [])
        draw(["a", "b", "c"])
        screen.feed("^C\(LiveRegion.erasure)")
        #expect(screen.lines == ["kept", ""])
    }
}
