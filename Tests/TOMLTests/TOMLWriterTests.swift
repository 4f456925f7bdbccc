import TOML
import Testing

/// The bytes are those of BurntSushi/toml, because they decide a layer's digest (C-60).
@Suite struct TOMLWriterTests {
    private func strings(_ texts: String...) -> TOMLValue { .array(texts.map { .string($0) }) }

    @Test func metadataAsTheReferenceWritesIt() {
        let table = TOMLTable([
            ("processes", .array([])),
            (
                "buildpacks",
                .array([.table(TOMLTable([("id", .string("kit/a")), ("version", .string("1.0.0")), ("api", .string("0.12"))]))])
            ),
        ])
        #expect(
            table.serialized() == """
                processes = []

                [[buildpacks]]
                  id = "kit/a"
                  version = "1.0.0"
                  api = "0.12"

                """)
    }

    @Test func commandsAreWrittenAsJSONStrings() {
        let process = TOMLTable([
            ("command", strings("echo $A && b <c>\u{2028}\u{7f}")), ("args", strings("&& echo no")), ("direct", .boolean(false)),
        ])
        let table = TOMLTable([("processes", .array([.table(process), .table(process)]))])
        let written = #"""
            [[processes]]
              command = ["echo $A \u0026\u0026 b \u003cc\u003e\u2028\u007f"]
              args = ["&& echo no"]
              direct = false

            """#
        #expect(table.serialized(jsonPaths: ["processes.command"]) == written + "\n" + written)
    }

    @Test func nestedTables() {
        let inner = TOMLTable([
            ("t", .table(TOMLTable([("x", .integer(1))]))), ("a b", .string("v")), ("list", .array([.table(TOMLTable())])),
        ])
        let table = TOMLTable([("empty", .table(TOMLTable())), ("m", .table(inner)), ("first", .float(0.5)), ("é.f", .table(TOMLTable()))])
        #expect(
            table.serialized() == """
                first = 0.5

                [empty]

                [m]
                  "a b" = "v"
                  [m.t]
                    x = 1

                  [[m.list]]

                ["é.f"]

                """)
    }

    @Test func inlineForms() {
        let table = TOMLTable([
            ("mixed", .array([.table(TOMLTable([("a", .integer(1)), ("", .boolean(true))])), .integer(2), .array([])])),
            ("date", .dateTime(TOMLDateTime(kind: .localDate, text: "2024-01-31"))),
            ("text", .string("\"\\\u{8}\t\n\u{c}\r\u{0}\u{1f}\u{7f}é&")),
        ])
        #expect(
            table.serialized() == #"""
                mixed = [{a = 1, "" = true}, 2, []]
                date = 2024-01-31
                text = "\"\\\b\t\n\f\r\u0000\u001f\u007fé&"

                """#)
        #expect(TOMLTable().serialized() == "")
    }

    @Test(
        arguments: [
            (1.0, "1.0"), (-0.0, "-0.0"), (0.5, "0.5"), (123456.0, "123456.0"), (1_234_567.0, "1.234567e+06"), (1e21, "1e+21"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"), (123.456, "123.456"), (-2.5e-10, "-2.5e-10"), (1e300, "1e+300"), (.infinity, "inf"), (-.infinity, "-inf"),
            (.nan, "nan"), (0.1 + 0.2, "0.30000000000000004"), (Double.leastNonzeroMagnitude, "5e-324"),
        ] as [(Double, String)])
    func floats(_ value: Double, _ expected: String) throws {
        let text = TOMLTable([("f", .float(value))]).serialized()
        #expect(text == "f = \(expected)\n")
        guard case .float(let again) = try TOMLTable.parse(text)["f"] else {
            Issue.record("\(text) is not a float")
            return
        }
        #expect(again == value || value.isNaN)
    }
}
