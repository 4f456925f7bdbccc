import FoundationEssentials
import TOML
import Testing

/// All cases of TOML 1.0.0 of the public suite: valid documents give the expected values, invalid ones are refused.
@Suite(.enabled(if: TOMLTestSuite.isRequired || TOMLTestSuite.folder != nil, "tomlkit 0.15.2 cannot be downloaded with pip"))
struct TOMLTestSuiteTests {
    @Test func validDocumentsGiveTheExpectedValues() throws {
        let cases = try TOMLTestSuite.cases().filter { $0.expected != nil }
        #expect(cases.count == 205)
        for testCase in cases {
            let expected = try JSONDecoder().decode(TaggedValue.self, from: testCase.expected ?? Data())
            do {
                let table = try TOMLTable.parse(testCase.bytes)
                #expect(TaggedValue(.table(table)) == expected, "\(testCase.name)")
                // What is written reads back as the same values.
                let again = try TOMLTable.parse(table.serialized())
                #expect(TaggedValue(.table(again)) == expected, "\(testCase.name), written and read again:\n\(table.serialized())")
            } catch {
                Issue.record("\(testCase.name): \(error)")
            }
        }
    }

    @Test func invalidDocumentsAreRefused() throws {
        let cases = try TOMLTestSuite.cases().filter { $0.expected == nil }
        #expect(cases.count == 473)
        for testCase in cases {
            #expect(throws: TOMLError.self, "\(testCase.name)") { try TOMLTable.parse(testCase.bytes) }
        }
    }
}

extension TaggedValue {
    init(_ value: TOMLValue) {
        switch value {
        case .string(let string): self = .leaf(type: "string", text: string)
        case .integer(let integer): self = .leaf(type: "integer", text: "\(integer)")
        case .float(let float): self = Self.normalized(type: "float", text: "\(float)")
        case .boolean(let boolean): self = .leaf(type: "bool", text: "\(boolean)")
        case .dateTime(let dateTime):
            let type =
                switch dateTime.kind {
                case .offsetDateTime: "datetime"
                case .localDateTime: "datetime-local"
                case .localDate: "date-local"
                case .localTime: "time-local"
                }
            self = Self.normalized(type: type, text: dateTime.text)
        case .array(let elements): self = .array(elements.map { TaggedValue($0) })
        case .table(let table):
            var pairs: [String: TaggedValue] = [:]
            for key in table.keys { pairs[key] = table[key].map { TaggedValue($0) } }
            self = .table(pairs)
        }
    }
}
