/// Any value of TOML. Arrays of tables are arrays whose elements are tables.
package enum TOMLValue: Equatable, Sendable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case dateTime(TOMLDateTime)
    case array([TOMLValue])
    case table(TOMLTable)

    /// Strings are equal when their bytes are: Swift's own comparison takes canonically equivalent texts for the same.
    package static func == (left: TOMLValue, right: TOMLValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): haveSameBytes(left, right)
        case (.integer(let left), .integer(let right)): left == right
        case (.float(let left), .float(let right)): left == right
        case (.boolean(let left), .boolean(let right)): left == right
        case (.dateTime(let left), .dateTime(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.table(let left), .table(let right)): left == right
        default: false
        }
    }

    /// The kind of value with its article, for messages: "a string", "an integer".
    package var kindName: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a float"
        case .boolean: "a boolean"
        case .dateTime: "a date-time"
        case .array: "an array"
        case .table: "a table"
        }
    }
}
