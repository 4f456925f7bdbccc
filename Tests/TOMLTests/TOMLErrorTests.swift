import TOML
import Testing

@Suite struct TOMLErrorTests {
    @Test(arguments: [
        ("a = 1\nb = 2\n[[t]\n", "3:5: expected ']]' to close an array-of-tables header, found end of line"),
        ("[t\nx = 1", "1:3: expected ']' to close a table header, found end of line"),
        ("[", "1:2: expected a key, found end of file"),
        ("[\n", "1:2: expected a key, found end of line"),
        ("[.]", "1:2: expected a key, found '.'"),
        ("[!]", "1:2: expected a key, found '!'"),
        ("[]", "1:2: expected a key, found ']'"),
        ("= 1", "1:1: expected a key, found '='"),
        ("a = 1\na = 2", "2:1: duplicate key 'a'"),
        ("a = { b = 1, b = 2 }", "1:14: duplicate key 'b'"),
        ("ä = 1", "1:1: expected a key, found 'ä'"),
        ("a 1", "1:3: expected '=' after the key 'a', found '1'"),
        ("a =", "1:4: expected a value, found end of file"),
        ("a = ,", "1:5: expected a value, found ','"),
        ("'é' = 1 x", "1:9: expected end of line, found 'x'"),
        ("a = \"x", "1:5: unterminated string"),
        ("a = \"x\nb = 1", "1:5: unterminated string"),
        ("\na = '''x", "2:5: unterminated multi-line string"),
        ("a = \"\\", "1:5: unterminated string"),
        ("a = \"\\q\"", "1:6: invalid escape: 'q' cannot follow a backslash in a string"),
        ("a = \"\\u12\"", "1:6: this escape needs 4 hexadecimal digits"),
        ("a = \"\\uD800\"", "1:6: U+D800 is not a Unicode scalar value"),
        ("a = \"\u{1}\"", "1:6: control character U+0001 is not allowed in a string"),
        ("# \u{7f}", "1:3: control character U+007F is not allowed in a comment"),
        ("a = 1\r", "1:6: expected end of line, found a carriage return"),
        ("a = [1 2]", "1:8: expected ',' or ']' in an array, found '2'"),
        ("a = [1,", "1:5: unterminated array"),
        ("a = {b = 1", "1:11: expected ',' or '}' in an inline table, found end of file"),
        ("a = {b = 1,}", "1:12: expected a key, found '}'"),
        ("a = 012", "1:5: number '012' must not start with a zero"),
        ("a = 9223372036854775808", "1:5: integer '9223372036854775808' does not fit in 64 bits"),
        ("a = yes", "1:5: invalid value 'yes'"),
        ("a = 2024-02-30", "1:5: invalid date or time '2024-02-30'"),
        ("a = 1\n[a]", "2:2: 'a' is already defined as an integer, nothing can be added to it"),
        ("a = {}\n[a.b]", "2:2: 'a' is already defined as an inline table, nothing can be added to it"),
        ("[a]\n[a]", "2:2: table 'a' is already defined on line 1"),
        ("a.b = 1\n[a]", "2:2: table 'a' is already defined by dotted keys on line 1"),
        ("[[a]]\n[a]", "2:2: 'a' is an array of tables, its header must be in '[[ ]]'"),
        ("[a]\n[[a]]", "2:3: 'a' is already defined as a table on line 1, it cannot become an array of tables"),
        ("[a.b]\n[a]\nb.c = 1", "3:1: a dotted key cannot add to table 'b', which has its own header on line 1"),
        ("[[a.b]]\n[a]\nb.c = 1", "3:1: a dotted key cannot add to the array of tables 'b'"),
        ("'''a''' = 1", "1:1: a multi-line string cannot be a key"),
        ("\u{FEFF}a = x", "1:5: invalid value 'x'"),
    ])
    func messages(_ text: String, _ expected: String) {
        let error = #expect(throws: TOMLError.self) { try TOMLTable.parse(text) }
        #expect(error?.description == expected)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xE2, 0x28, 0xA1], [0xFF],
        ] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        let error = #expect(throws: TOMLError.self) { try TOMLTable.parse(Array("a = 1\n# ".utf8) + bytes) }
        #expect(error?.description == "2:3: invalid UTF-8")
    }

    // A typo or an attack must never overflow the stack.
    @Test(arguments: [
        ("[" + String(repeating: "a.", count: 100_000) + "a]", "1:258: keys nested deeper than 128"),
        (String(repeating: "a.", count: 100_000) + "a = 1", "1:257: keys nested deeper than 128"),
        ("a = " + String(repeating: "[", count: 100_000), "1:133: values nested deeper than 128"),
        ("a = " + String(repeating: "{a = ", count: 100_000), "1:641: keys nested deeper than 128"),
    ])
    func depthIsLimited(_ text: String, _ expected: String) {
        let error = #expect(throws: TOMLError.self) { try TOMLTable.parse(text) }
        #expect(error?.description == expected)
    }

    @Test func depthBelowTheLimitIsFine() throws {
        let table = try TOMLTable.parse("a = " + String(repeating: "[", count: 128) + String(repeating: "]", count: 128))
        #expect(table.keys == ["a"])
        #expect(try TOMLTable.parse(table.serialized()) == table)
    }
}
