/// What the parser builds while headers and dotted keys may still add to tables.
///
/// Tables and arrays of tables are classes: appending to an array inside an enum payload copies it each time, which
/// made a document of `[[t]]` quadratic.
enum TOMLNode {
    /// Finished: plain values, arrays and inline tables.
    case value(TOMLValue)
    case table(TOMLTableNode)
    case tables(TOMLTablesNode)

    /// Nesting is limited by the parser, so the recursion is too.
    func finished() -> TOMLValue {
        switch self {
        case .value(let value): value
        case .table(let table): .table(table.finished())
        case .tables(let array): .array(array.tables.map { .table($0.finished()) })
        }
    }
}

final class TOMLTablesNode {
    var tables: [TOMLTableNode]

    init(_ first: TOMLTableNode) { tables = [first] }
}

final class TOMLTableNode {
    /// How the table came to be decides who may add to it.
    enum Origin {
        /// Named only inside a longer header: a header of its own may still follow.
        case implicit
        /// Has had its header.
        case header
        /// Made by a dotted key: only dotted keys and headers of sub-tables may add.
        case dotted
    }

    var origin: Origin
    let position: TOMLPosition
    private var entries: [(key: String, node: TOMLNode, position: TOMLPosition)] = []
    private var index = TOMLKeyIndex()

    init(_ origin: Origin, at position: TOMLPosition) {
        self.origin = origin
        self.position = position
    }

    func find(_ key: String) -> TOMLNode? {
        index.find(key, count: entries.count) { entries[$0].key }.map { entries[$0].node }
    }

    /// The key must not be present.
    func append(_ key: String, _ node: TOMLNode, at position: TOMLPosition) {
        entries.append((key, node, position))
        index.appended(count: entries.count) { entries[$0].key }
    }

    func finished() -> TOMLTable {
        TOMLTable(
            entries: entries.map { TOMLTable.Entry(key: $0.key, value: $0.node.finished(), position: $0.position) },
            index: index, position: position)
    }
}
