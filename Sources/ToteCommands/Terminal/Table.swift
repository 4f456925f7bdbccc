/// Columns of text, padded to the widest cell; the last column is never padded.
package struct Table {
    private let header: [String]
    private var rows: [[String]] = []

    package init(_ header: [String]) {
        self.header = header
    }

    package mutating func add(_ row: [String]) {
        rows.append(row)
    }

    package func lines() -> [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { DisplayText.width($0[column]) }.max() ?? 0 }
        return all.map { row in
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
