import Testing

@testable import TOML

@Suite struct TOMLRewriterTests {
    private static let document = """
        # mine
        builder = "a" # the old one
          policy = 'never'

        # the mirrors
        [mirrors]
          "docker.io" = "m" # fast

        # of work
        [[images]]
        image = "x"
        mirrors = [
          "y", # near
        ]

        # of play
        [[images]]
        image = "z"
        mirrors = ["w"]
        """

    private func rewritten(_ text: String, _ change: (inout TOMLTable) -> Void) throws -> String {
        var table = try TOMLTable.parse(text)
        change(&table)
        let bytes = try TOMLRewriter.rewrite(Array(text.utf8), as: table)
        #expect(try TOMLTable.parse(bytes) == table)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func elements(_ table: TOMLTable, _ key: String) -> [TOMLValue] {
        if case .array(let elements)? = table[key] { elements } else { [] }
    }

    @Test func aValueIsReplacedInItsPlace() throws {
        let text = try rewritten(Self.document) { $0["builder"] = .string("b") }
        #expect(text == Self.document.replacing("\"a\" # the", with: "\"b\" # the"))
    }

    @Test func keysAreAddedAndRemoved() throws {
        let text = try rewritten(Self.document) {
            $0["builder"] = nil
            $0["new"] = .boolean(true)
        }
        #expect(
            text
                == Self.document.replacing("builder = \"a\" # the old one\n", with: "").replacing(
                    "'never'\n", with: "'never'\n  new = true\n"))
    }

    @Test func keysOfATable() throws {
        let text = try rewritten(Self.document) { $0["mirrors"] = .table(TOMLTable([("docker.io", .string("n")), ("*", .string("all"))])) }
        #expect(text == Self.document.replacing("\"m\" # fast\n", with: "\"n\" # fast\n  \"*\" = \"all\"\n"))
    }

    @Test func aTableGoesWithItsComment() throws {
        let text = try rewritten(Self.document) { $0["mirrors"] = nil }
        #expect(text == Self.document.replacing("# the mirrors\n[mirrors]\n  \"docker.io\" = \"m\" # fast\n\n", with: ""))
    }

    @Test func elementsAreRemovedChangedAndAdded() throws {
        let first = try rewritten(Self.document) { $0["images"] = .array(Array(elements($0, "images").dropFirst())) }
        #expect(first.hasSuffix("# fast\n\n# of play\n[[images]]\nimage = \"z\"\nmirrors = [\"w\"]"))
        let changed = try rewritten(Self.document) { table in
            let other = TOMLValue.table(TOMLTable([("image", .string("z")), ("mirrors", .array([.string("v")]))]))
            table["images"] = .array([elements(table, "images")[0], other])
        }
        #expect(changed == Self.document.replacing("[\"w\"]", with: "[\"v\"]"))
        let added = try rewritten(Self.document) { table in
            table["images"] = .array(elements(table, "images") + [.table(TOMLTable([("image", .string("q"))]))])
        }
        #expect(added == Self.document + "\n\n[[images]]\n  image = \"q\"\n")
    }

    @Test(arguments: [
        ("", "k = 1\n"), ("# only this", "# only this\nk = 1\n"), ("a = 2", "a = 2\nk = 1\n"), ("\r\na = 2\r\n", "\r\na = 2\r\nk = 1\n"),
        ("[t]\nx = 1\n", "k = 1\n\n[t]\nx = 1\n"), ("# c\n[t]\n", "k = 1\n\n# c\n[t]\n"), ("\u{feff}a = 2\n", "\u{feff}a = 2\nk = 1\n"),
    ])
    func firstKeys(text: String, expected: String) throws {
        #expect(try rewritten(text) { $0["k"] = .integer(1) } == expected)
    }

    @Test func newTablesComeLast() throws {
        #expect(try rewritten("a = 1") { $0["t"] = .table(TOMLTable([("k", .integer(1))])) } == "a = 1\n\n[t]\n  k = 1\n")
        #expect(try rewritten("[t]\n# empty") { $0["t"] = .table(TOMLTable([("k", .integer(1))])) } == "[t]\nk = 1\n# empty")
    }

    /// Comments are lost there, and nothing else.
    @Test(arguments: ["# c\nt = {a = 1, b = 2}\n", "t.a = 1\nt.b = 2\n", "[t]\nb = 2\na = 1\n[t.c]\nx = 1\n", "t = [{a = 1}]\n"])
    func unusualForms(text: String) throws {
        _ = try rewritten(text) {
            $0["t"] = .table(TOMLTable([("a", .integer(3)), ("z", .array([.table(TOMLTable([("y", .integer(1))]))]))]))
        }
        _ = try rewritten(text) { $0["t"] = nil }
        _ = try rewritten(text) { $0["t"] = .integer(1) }
    }

    @Test func whatIsNoDocument() {
        #expect(throws: TOMLError.self) { try TOMLRewriter.rewrite(Array("a = ".utf8), as: TOMLTable()) }
    }
}
