import TOML
import Testing

@Suite struct TOMLParsingTests {
    @Test func orderAndPositions() throws {
        let table = try TOMLTable.parse(
            """
            # comment
            zebra = 1
              'apple pie' = { y = 1, x = 2 }
            [c.b]
            deep.er = true
            [[list]]
            n = 1
            [[list]]
            n = 2
            """)
        #expect(table.keys == ["zebra", "apple pie", "c", "list"])
        #expect(table.position(of: "apple pie") == TOMLPosition(line: 3, column: 3))
        #expect(table.position(of: "c") == TOMLPosition(line: 4, column: 2))
        #expect(table.position(of: "missing") == nil)
        guard case .table(let pie) = table["apple pie"], case .array(let list) = table["list"], case .table(let last) = list.last else {
            Issue.record("wrong types")
            return
        }
        #expect(pie.keys == ["y", "x"])
        #expect(pie.position == TOMLPosition(line: 3, column: 17))
        #expect(pie.position(of: "x") == TOMLPosition(line: 3, column: 26))
        #expect(last.position == TOMLPosition(line: 8, column: 1))
        #expect(last["n"] == .integer(2))
    }

    @Test func equivalentSpellingsAreDifferentKeys() throws {
        let table = try TOMLTable.parse("\"\\u00E9\" = 1\n\"e\\u0301\" = 2")
        #expect(table.count == 2)
        #expect(table["\u{E9}"] == .integer(1))
        #expect(table["e\u{301}"] == .integer(2))
        #expect(TOMLValue.string("\u{E9}") != .string("e\u{301}"))
    }

    @Test func equalityIgnoresOrder() throws {
        #expect(try TOMLTable.parse("a = 1\nb = [1]") == TOMLTable.parse("b = [1]\n\na = 1"))
        #expect(try TOMLTable.parse("a = 1") != TOMLTable.parse("a = 1.0"))
        #expect(try TOMLTable.parse("a = 1") != TOMLTable.parse("a = 1\nb = 1"))
    }

    @Test(
        arguments: [
            ("1979-05-27t07:32:00z", .offsetDateTime, "1979-05-27T07:32:00Z"),
            ("1979-05-27 07:32:00.5-07:00", .offsetDateTime, "1979-05-27T07:32:00.5-07:00"),
            ("1979-05-27 07:32:00", .localDateTime, "1979-05-27T07:32:00"),
            ("1979-05-27", .localDate, "1979-05-27"), ("1979-05-27 # comment", .localDate, "1979-05-27"),
            ("07:32:00", .localTime, "07:32:00"),
        ] as [(String, TOMLDateTime.Kind, String)])
    func dates(_ text: String, _ kind: TOMLDateTime.Kind, _ expected: String) throws {
        #expect(try TOMLTable.parse("d = \(text)")["d"] == .dateTime(TOMLDateTime(kind: kind, text: expected)))
    }

    @Test(arguments: [
        ("\"\"\"\n a \\\n   b\"\"\"", " a b"), ("'''\n'a''''", "'a'"), ("\"\"\"a\"\"\"\"\"", "a\"\""),
        ("\"\\U0001F600\\t\"", "\u{1F600}\t"),
        ("'\\n'", "\\n"), ("\"\"", ""), ("''''''", ""), ("\"\"\"a\r\nb\"\"\"", "a\r\nb"),
    ])
    func strings(_ text: String, _ expected: String) throws {
        #expect(try TOMLTable.parse("s = \(text)")["s"] == .string(expected))
    }

    /// Each of these once was, or easily is, quadratic.
    enum Large: CaseIterable, Sendable {
        case arrayOfTables, keys, dottedKeys, headers, inlineTable, arrayOfInlineTables, longString

        var text: String {
            switch self {
            case .arrayOfTables: String(repeating: "[[t]]\na = 1\n", count: 100_000)
            case .keys: (0..<20_000).map { "k\($0) = 1\n" }.joined()
            case .dottedKeys: (0..<20_000).map { "d.k\($0) = 1\n" }.joined()
            case .headers: (0..<20_000).map { "[t.k\($0)]\n" }.joined()
            case .inlineTable: "t = { " + (0..<20_000).map { "k\($0) = 1" }.joined(separator: ", ") + " }"
            case .arrayOfInlineTables: "t = [" + String(repeating: "{ a = 1 }, ", count: 20_000) + "]"
            case .longString: "t = '''" + String(repeating: "line\n", count: 50_000) + "'''"
            }
        }
    }

    /// Well under a second in a release build; quadratic would be minutes.
    @Test(arguments: Large.allCases) func timeIsLinear(_ large: Large) throws {
        let text = large.text
        let elapsed = try ContinuousClock().measure { _ = try TOMLTable.parse(text) }
        #expect(elapsed < .seconds(30))
    }

    @Test func editing() throws {
        var table = TOMLTable([("b", .integer(1)), ("a", .integer(2)), ("b", .integer(3))])
        #expect(table.keys == ["b", "a"])
        for number in 0..<40 { table["k\(number)"] = .integer(Int64(number)) }
        table["k3"] = nil
        table["absent"] = nil
        table["k4"] = .boolean(true)
        #expect(table.count == 41)
        #expect(table["k3"] == nil)
        #expect(table["k4"] == .boolean(true))
        #expect(table["k39"] == .integer(39))
        #expect(table.position(of: "k4") == nil)
    }
}
