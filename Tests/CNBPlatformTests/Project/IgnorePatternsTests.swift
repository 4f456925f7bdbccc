import Testing

@testable import CNBPlatform

@Suite struct IgnorePatternsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var patterns: [String]
        var matching: [String]
        var other: [String]
        var testDescription: String { patterns.joined(separator: " ") }

        init(_ patterns: String..., matching: [String] = [], other: [String] = []) {
            (self.patterns, self.matching, self.other) = (patterns, matching, other)
        }
    }

    static let cases: [Case] = [
        // a name without a slash matches at any depth, with everything beneath.
        Case("*.sh", matching: ["x.sh", "a/b/x.sh", ".sh", "a.sh/b"], other: ["x.shx", "sh"]),
        Case("/nested-cookie.jar", matching: ["nested-cookie.jar"], other: ["a/nested-cookie.jar"]),
        Case("node_modules", matching: ["node_modules", "a/node_modules/b/c"], other: ["node_modules2", "a/xnode_modules"]),
        // A slash inside anchors as well.
        Case("media/mountain.jpg", matching: ["media/mountain.jpg"], other: ["a/media/mountain.jpg", "media"]),
        Case("a/*.txt", matching: ["a/b.txt"], other: ["a/c/b.txt", "x/a/b.txt"]),
        // a slash at the end is for what lies beneath a directory; the entry itself stays.
        Case("secrets/", matching: ["secrets/key", "a/secrets/b/c"], other: ["secrets", "a/secrets"]),
        Case("/build/", matching: ["build/x"], other: ["build", "a/build/x"]),
        // `!`, in order; below an excluded parent too.
        Case("*.log", "!keep.log", matching: ["a.log", "b/c.log"], other: ["keep.log", "b/keep.log"]),
        Case("!keep.log", "*.log", matching: ["keep.log"]),
        Case("secrets", "!secrets/public", matching: ["secrets", "secrets/key"], other: ["secrets/public", "secrets/public/a"]),
        Case("/*", "!/src", matching: ["a", "b/src"], other: ["src", "src/a"]),
        // Comments and escapes.
        Case("#a", matching: [], other: ["#a", "a"]),
        Case("\\#a", matching: ["#a"], other: ["a"]),
        Case("\\!a", matching: ["!a"], other: ["a"]),
        Case("a\\*b", matching: ["a*b"], other: ["axb", "a\\*b"]),
        Case("a\\?", matching: ["a?"], other: ["ab"]),
        Case("", "   ", "/", "!", matching: [], other: ["a", " "]),
        // Spaces at the end.
        Case("a  ", matching: ["a"], other: ["a  "]),
        Case("a\\  ", matching: ["a "], other: ["a", "a  "]),
        Case("a\\\\ ", matching: ["a\\"], other: ["a\\ "]),
        // `?` is a glob, never a slash.
        Case("a?c", matching: ["abc", "x/a.c"], other: ["ac", "a/c", "abbc"]),
        Case("a*c", matching: ["ac", "abbc"], other: ["a/c"]),
        // `**`
        Case("src/**", matching: ["src/a", "src/a/b.c"], other: ["src", "x/src/a"]),
        Case("**/foo", matching: ["foo", "a/foo", "a/b/foo/c"], other: ["afoo", "a/bfoo"]),
        Case("**/foo/bar", matching: ["foo/bar", "a/foo/bar"], other: ["foo/a/bar", "xfoo/bar"]),
        Case("a/**/b", matching: ["a/b", "a/x/b", "a/x/y/b/z"], other: ["ab", "a/xb", "x/a/b"]),
        Case("a/**/**/b", matching: ["a/b", "a/x/b"], other: ["ab"]),
        Case("a/**/*.c", matching: ["a/x.c", "a/b/c/x.c"], other: ["a/x.h", "x.c"]),
        Case("***/foo", matching: ["foo", "a/b/foo"]),
        Case("**", matching: ["a", "a/b"]),
        Case("**/", matching: ["a/b"], other: ["a"]),
        Case("a**b", matching: ["ab", "axxb"], other: ["a/b"]),
        Case("a/**b", matching: ["a/xb"], other: ["a/x/b"]),
        // Character classes.
        Case("[abc].o", matching: ["a.o", "d/c.o"], other: ["d.o", "ab.o"]),
        Case("[!abc]x", matching: ["dx", "-x"], other: ["ax", "x", "/x"]),
        Case("[^a-c]x", matching: ["dx"], other: ["bx"]),
        Case("[a-c0-2]", matching: ["b", "1"], other: ["d", "3", "-"]),
        Case("[z-ab]", matching: ["b"], other: ["z", "a", "c"]),
        Case("[]x]", matching: ["]", "x"], other: ["[", "a"]),
        Case("[a-]", matching: ["a", "-"], other: ["b"]),
        Case("[\\]]", matching: ["]"], other: ["\\"]),
        Case("[[:digit:]_]", matching: ["5", "_"], other: ["a", ":"]),
        Case("[![:alpha:]]", matching: ["5"], other: ["a"]),
        Case("a[/]b", matching: [], other: ["a/b"]),
        Case("a[!x]b", matching: ["ayb"], other: ["a/b"]),
        // Bytes beyond ASCII.
        Case("grün*", matching: ["grün", "grüner"], other: ["grun"]),
    ]

    @Test(arguments: cases) func selects(_ example: Case) {
        let patterns = IgnorePatterns(example.patterns)
        #expect(patterns.problems.isEmpty)
        for path in example.matching { #expect(patterns.matches(Array(path.utf8)), "\(path)") }
        for path in example.other { #expect(!patterns.matches(Array(path.utf8)), "\(path)") }
    }

    @Test func namesAreBytes() {
        #expect(IgnorePatterns(["?.bin"]).matches([0xff, 0x2e, 0x62, 0x69, 0x6e]))
        #expect(IgnorePatterns(["[!a]"]).matches([0x80]))
    }

    @Test(arguments: [
        ("[abc", IgnorePattern.Problem.openBracket), ("a\\", .loneBackslash), ("[", .openBracket),
        ("[\\", .openBracket),
    ])
    func tellsWhatCannotMatch(_ pattern: String, _ problem: IgnorePattern.Problem) {
        let patterns = IgnorePatterns(["x", pattern])
        #expect(patterns.problems.map(\.index) == [1])
        #expect(patterns.problems.map(\.problem) == [problem])
        #expect(!patterns.matches(Array(pattern.utf8)))
        #expect(patterns.matches(Array("x".utf8)))
    }

    /// With backtracking these would take longer than the universe has.
    @Test(arguments: [
        String(repeating: "*a", count: 200) + "b", String(repeating: "**/a/", count: 200) + "b", String(repeating: "**/", count: 500) + "b",
        String(repeating: "[a-z]*", count: 200) + "!", String(repeating: "?*", count: 200) + "b",
    ])
    func hostilePatternsTakeBoundedTime(_ pattern: String) {
        let patterns = IgnorePatterns([pattern])
        let start = ContinuousClock.now
        #expect(!patterns.matches([UInt8](repeating: 0x61, count: 4095)))
        #expect(!patterns.matches((0..<4095).map { $0 % 2 == 0 ? 0x61 : 0x2f }))
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func wholeDirectories() {
        #expect(IgnorePatterns(["node_modules/"]).matchesEverythingBeneath(Array("a/node_modules".utf8)))
        #expect(IgnorePatterns(["node_modules"]).matchesEverythingBeneath(Array("node_modules".utf8)))
        #expect(!IgnorePatterns(["node_modules", "!x"]).matchesEverythingBeneath(Array("node_modules".utf8)))
        #expect(!IgnorePatterns(["*.log"]).matchesEverythingBeneath(Array("a".utf8)))
    }
}

@Suite struct AppFilterTests {
    private func kept(_ filter: AppFilter, _ paths: [String]) -> [String] {
        paths.filter { filter.keeps(Array($0.utf8)) }
    }

    //
    @Test func includeKeepsWhatMatches() {
        let filter = AppFilter(include: ["src/**", "media/mountain.jpg", "*.md"], exclude: [])
        let all = ["README.md", "docs", "docs/guide.md", "media", "media/mountain.jpg", "media/river.jpg", "other.txt", "src/a/b.c"]
        #expect(kept(filter, all) == ["README.md", "docs/guide.md", "media/mountain.jpg", "src/a/b.c"])
    }

    //
    @Test func excludeWinsAndEmptyListsFilterNothing() {
        #expect(kept(AppFilter(include: ["a"], exclude: ["b"]), ["a", "b", "c"]) == ["a", "c"])
        #expect(kept(AppFilter(include: [], exclude: []), ["a", "b"]) == ["a", "b"])
        #expect(kept(.everything, ["a"]) == ["a"])
        #expect(kept(AppFilter(include: ["# nothing"], exclude: []), ["a"]) == [])
        #expect(kept(AppFilter(include: [], exclude: ["# nothing"]), ["a"]) == ["a"])
    }
}
