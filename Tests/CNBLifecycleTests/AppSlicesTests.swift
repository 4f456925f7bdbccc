import Archive
import CNBLifecycle
import Testing

@Suite("App slices (D-50, D-51)")
struct AppSlicesTests {
    struct Division: Sendable, CustomTestStringConvertible {
        var title: String
        /// Folders end in a slash.
        var files: [String]
        var slices: [[String]]
        var layers: [[String]]
        var testDescription: String { title }
    }

    static let divisions: [Division] = [
        Division(title: "no slices", files: ["a/", "a/b", "c"], slices: [], layers: [["", "a", "a/b", "c"]]),
        Division(title: "an empty app", files: [], slices: [["*"]], layers: [[], [""]]),
        Division(title: "a slice that matches nothing", files: ["a"], slices: [["b"]], layers: [[], ["", "a"]]),
        Division(title: "a file", files: ["a", "b"], slices: [["a"]], layers: [["", "a"], ["", "b"]]),
        Division(
            title: "a folder takes what is below it", files: ["a/", "a/b/", "a/b/c", "d"], slices: [["a"]],
            layers: [["", "a", "a/b", "a/b/c"], ["", "d"]]),
        Division(
            title: "missing parents are added, and stay for the remainder while it has something below them",
            files: ["a/", "a/b/", "a/b/c", "a/b/d"], slices: [["a/b/c"]], layers: [["", "a", "a/b", "a/b/c"], ["", "a", "a/b", "a/b/d"]]),
        Division(
            title: "a parent whose children are all taken is taken", files: ["a/", "a/b", "a/c", "d"], slices: [["a/b", "a/c"]],
            layers: [["", "a", "a/b", "a/c"], ["", "d"]]),
        Division(
            title: "the same over two slices", files: ["a/", "a/b", "a/c", "d"], slices: [["a/b"], ["a/c"]],
            layers: [["", "a", "a/b"], ["", "a", "a/c"], ["", "d"]]),
        Division(
            title: "an earlier slice's files are invisible later", files: ["a/", "a/x", "a/y"], slices: [["a/x"], ["a"]],
            layers: [["", "a", "a/x"], ["", "a", "a/y"], []]),
        Division(
            title: "a pattern does not look into folders", files: ["x.css", "a/", "a/y.css"], slices: [["*.css"]],
            layers: [["", "x.css"], ["", "a", "a/y.css"]]),
        Division(title: "'.' matches nothing", files: ["a"], slices: [["."]], layers: [[], ["", "a"]]),
        Division(title: "several patterns", files: ["a", "b", "c"], slices: [["a", "[b]"]], layers: [["", "a", "b"], ["", "c"]]),
        Division(
            title: "entries are sorted by the bytes of their paths", files: ["a/", "a/z", "a-b", "a.c"], slices: [],
            layers: [["", "a", "a-b", "a.c", "a/z"]]),
        Division(title: "an empty folder", files: ["a/", "b"], slices: [["a"]], layers: [["", "a"], ["", "b"]]),
    ]

    @Test("D-50, D-51", arguments: divisions)
    func divide(_ division: Division) throws {
        let entries =
            [(path: RawPath(""), isDirectory: true)]
            + division.files.map { name in
                (path: RawPath(name.hasSuffix("/") ? String(name.dropLast()) : name), isDirectory: name.hasSuffix("/"))
            }
        let slices = try division.slices.map { try $0.map { try #require(GlobPattern($0)) } }
        let layers = AppSlices(entries: entries, slices: slices).layers
        #expect(layers.map { $0.map(\.string) } == division.layers)
    }

    @Test("Every entry is in exactly one layer, but for folders that are parents")
    func complete() throws {
        var entries = [(path: RawPath(""), isDirectory: true)]
        for a in 0..<6 {
            entries.append((path: RawPath("d\(a)"), isDirectory: true))
            for b in 0..<6 { entries.append((path: RawPath("d\(a)/f\(b)"), isDirectory: false)) }
        }
        let patterns = try [["d[01]/f[0-3]"], ["d2"], ["d*/f5"]].map { try $0.map { try #require(GlobPattern($0)) } }
        let layers = AppSlices(entries: entries, slices: patterns).layers
        let files = layers.flatMap { $0 }.filter { $0.components.count == 2 }
        #expect(files.count == 36 && Set(files).count == 36)
        for layer in layers { #expect(layer == layer.sorted() && layer.first == "") }
    }

    @Test("100,000 entries and many slices are divided in a moment")
    func large() throws {
        var entries = [(path: RawPath(""), isDirectory: true)]
        for folder in 0..<100 {
            entries.append((path: RawPath("d\(folder)"), isDirectory: true))
            for file in 0..<200 { entries.append((path: RawPath("d\(folder)/f\(file)"), isDirectory: false)) }
        }
        let slices = try (0..<20).map { [try #require(GlobPattern("d\($0)/*"))] }
        let layers = AppSlices(entries: entries, slices: slices).layers
        #expect(layers.dropLast().allSatisfy { $0.count == 202 })
        #expect(layers.last?.count == 1 + 80 * 201)
    }
}

@Suite("Slice patterns: Go's filepath.Match (D-50)")
struct GlobPatternTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var pattern: String
        var path: String
        var matches: Bool
        init(_ pattern: String, _ path: String, _ matches: Bool) {
            self.pattern = pattern
            self.path = path
            self.matches = matches
        }
        var testDescription: String { "\(pattern) ~ \(path)" }
    }

    static let vectors: [Vector] = [
        Vector("abc", "abc", true), Vector("*", "abc", true), Vector("*c", "abc", true), Vector("a*", "a", true), Vector("a*", "abc", true),
        Vector("a*", "ab/c", false), Vector("a*/b", "abc/b", true), Vector("a*/b", "a/c/b", false),
        Vector("a*b*c*d*e*/f", "axbxcxdxe/f", true),
        Vector("a*b*c*d*e*/f", "axbxcxdxexxx/f", true), Vector("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
        Vector("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false), Vector("a*b?c*x", "abxbbxdbxebxczzx", true),
        Vector("a*b?c*x", "abxbbxdbxebxczzy", false), Vector("ab[c]", "abc", true), Vector("ab[b-d]", "abc", true),
        Vector("ab[e-g]", "abc", false),
        Vector("ab[^c]", "abc", false), Vector("ab[^b-d]", "abc", false), Vector("ab[^e-g]", "abc", true), Vector("a\\*b", "a*b", true),
        Vector("a\\*b", "ab", false), Vector("a?b", "a☺b", true), Vector("a[^a]b", "a☺b", true), Vector("a???b", "a☺b", false),
        Vector("a[^a][^a][^a]b", "a☺b", false), Vector("[a-ζ]*", "α", true), Vector("*[a-ζ]", "A", false), Vector("a?b", "a/b", false),
        Vector("a*b", "a/b", false), Vector("[\\]a]", "]", true), Vector("[\\-]", "-", true), Vector("[x\\-]", "x", true),
        Vector("[x\\-]", "-", true), Vector("[x\\-]", "z", false), Vector("[\\-x]", "x", true), Vector("[\\-x]", "-", true),
        Vector("[\\-x]", "a", false), Vector("*x", "xxx", true),
        // Beyond the published vectors: empty pattern, reversed range, '!' is no negation, a class may match a slash, as in Go.
        Vector("", "", true), Vector("", "a", false), Vector("[b-a]", "a", false), Vector("[!a]", "!", true), Vector("[!a]", "b", false),
        Vector("a[^b]c", "a/c", true), Vector("a[.-0]c", "a/c", true), Vector("**", "a/b", false), Vector("**/b", "a/b", true),
        Vector("*", "", true), Vector("*/*", "a/b", true), Vector("a]", "a]", true), Vector("a-b", "a-b", true),
    ]

    @Test("Vectors", arguments: vectors)
    func vector(_ vector: Vector) throws {
        let pattern = try #require(GlobPattern(vector.pattern))
        #expect(pattern.matches(RawPath(vector.path)) == vector.matches)
    }

    @Test(
        "Malformed patterns",
        arguments: ["[]a]", "[-]", "[x-]", "[-x]", "\\", "[a-b-c]", "[", "[^", "[^bc", "a[", "[]", "[^]", "[\\", "[a\\"])
    func malformed(_ pattern: String) {
        #expect(GlobPattern(pattern) == nil)
    }

    @Test("A pattern of many stars takes no exponential time")
    func stars() throws {
        let pattern = try #require(GlobPattern(String(repeating: "*a", count: 200) + "b"))
        #expect(!pattern.matches(RawPath(String(repeating: "a", count: 5_000))))
    }

    @Test("Names that are not UTF-8 match '?' and '*' and break nothing")
    func rawNames() throws {
        #expect(try #require(GlobPattern("a*")).matches(RawPath(bytes: [0x61, 0xff, 0xfe])))
        #expect(try #require(GlobPattern("a?")).matches(RawPath(bytes: [0x61, 0xff])))
    }
}
