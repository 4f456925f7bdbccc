/// Columns of text, padded to the widest cell; the last column is never padded.
package struct Table {
    /// The header, if there is one, and what follows.
    private var rows: [[String]]

    package init(_ header: [String]) {
        rows = [header]
    }

    /// Without a header.
    package init(rows: [[String]]) {
        self.rows = rows
    }

    package mutating func add(_ row: [String]) {
        rows.append(row)
    }

    package func lines() -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { DisplayText.width($0[column]) }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - DisplayText.width(cell) + 2)
                }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
