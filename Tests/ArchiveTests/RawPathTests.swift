import Testing

@testable import Archive

@Suite("Raw paths")
struct RawPathTests {
    @Test(
        "Joining puts one slash between",
        arguments: [
            ("a", "b", "a/b"), ("a/", "b", "a/b"), ("a", "/b", "a/b"), ("/", "a", "/a"), ("", "a", "a"), ("a", "", "a"),
            ("/a//", "//b/", "/a/b/"),
        ])
    func joining(a: String, b: String, expected: String) {
        #expect(RawPath(a).appending(RawPath(b)) == RawPath(expected))
    }

    @Test("Components", arguments: [("/a//b/./c/", ["a", "b", "c"]), ("../x", ["..", "x"]), ("", []), ("/", []), ("a b", ["a b"])])
    func components(path: String, expected: [String]) {
        #expect(RawPath(path).components.map(\.string) == expected)
    }

    @Test(
        "Parent and name",
        arguments: [
            ("a", "", "a"), ("/a", "/", "a"), ("a/b", "a/", "b"), ("a/b//", "a/", "b"),
        ])
    func splitting(path: String, parent: String, name: String) throws {
        let split = try #require(RawPath(path).split)
        #expect(split.parent == RawPath(parent) && split.name == RawPath(name))
    }

    @Test("What names no entry", arguments: ["", "/", ".", "..", "a/..", "a/."])
    func noEntry(path: String) {
        #expect(RawPath(path).split == nil)
    }

    @Test("Bytes that are not UTF-8 survive, sort and print")
    func bytes() {
        let latin = RawPath(bytes: [0x66, 0xfc])
        #expect(latin.string == "f\u{fffd}")
        #expect([latin, "f", "fa", "G", "f/x"].sorted() == ["G", "f", "f/x", "fa", latin])
        #expect(RawPath("a\nb\u{7f}").string == "a\\nb\\u{7F}")
    }
}
