import CNBPlatform
import Testing
import ToteCommands

@Suite("Tables and sizes")
struct TableTests {
    static func lines(_ header: [String], _ rows: [[String]]) -> [String] {
        var table = Table(header)
        rows.forEach { table.add($0) }
        return table.lines()
    }

    @Test("Columns are as wide as their widest cell; no line ends in blanks")
    func columns() {
        #expect(
            Self.lines(["NAME", "SIZE", "X"], [["a", "1.0 kB", ""], ["longer", "2", "y"]]) == [
                "NAME    SIZE    X", "a       1.0 kB", "longer  2       y",
            ])
        #expect(Self.lines(["NAME"], []) == ["NAME"])
    }

    @Test("Wide characters take two cells, combining marks none")
    func wide() {
        #expect(
            Self.lines(["N", "X"], [["日本", "x"], ["e\u{301}", "x"], ["한글!", "x"], ["ｆｕ", "x"], ["🙂", "x"]]) == [
                "N      X", "日本   x", "e\u{301}      x", "한글!  x", "ｆｕ   x", "🙂     x",
            ])
    }

    @Test(
        "Sizes in powers of ten",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (1_049, "1.0 kB"), (1_051, "1.1 kB"), (9_940, "9.9 kB"), (9_960, "10 kB"),
            (12_345, "12 kB"), (999_400, "999 kB"), (999_460, "999 kB"), (999_500, "1.0 MB"), (1_234_567, "1.2 MB"),
            (56_000_000_000, "56 GB"),
            (1_500_000_000_000, "1.5 TB"),
        ] as [(Int64, String)])
    func sizes(_ bytes: Int64, _ text: String) {
        #expect(formatted(bytes: bytes) == text)
    }

    @Test("No size traps", arguments: [Int64.min, -1, Int64.max])
    func extremes(_ bytes: Int64) {
        #expect(!formatted(bytes: bytes).isEmpty)
    }
}
