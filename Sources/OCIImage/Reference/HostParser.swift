/// Reads the registry of a reference: a name, an IPv4 address or an IPv6 address in brackets, and a port.
struct HostParser {
    private let text: ReferenceParser

    init(_ text: ReferenceParser) { self.text = text }

    /// Host and port in lower case.
    func parse(_ range: Range<Int>) throws(ReferenceError) -> String {
        var end = range.upperBound
        if text[range.lowerBound] == "[" {
            guard let close = range.first(where: { text[$0] == "]" }) else {
                throw text.error(at: range.lowerBound, "the ']' of the IPv6 address is missing")
            }
            try checkIPv6((range.lowerBound + 1)..<close)
            end = close + 1
            guard end == range.upperBound || text[end] == ":" else {
                throw text.error(at: end, "after the IPv6 address comes a port or '/'")
            }
        } else {
            end = range.first { text[$0] == ":" } ?? range.upperBound
            try checkName(range.lowerBound..<end)
        }
        if end < range.upperBound { try checkPort((end + 1)..<range.upperBound) }
        return text[range].lowercased()
    }

    private func checkName(_ range: Range<Int>) throws(ReferenceError) {
        guard !range.isEmpty else { throw text.error(at: range.lowerBound, "the registry has no host name") }
        for index in range {
            let character = text[index]
            guard character.isAlphanumeric || character == "-" || character == "." else {
                throw text.error(at: index, "\(ReferenceParser.quoted(character)) cannot stand in the name of a registry")
            }
            // Labels neither begin nor end with a dash, and none is empty.
            let before = index == range.lowerBound ? "." : text[index - 1]
            let after = index + 1 == range.upperBound ? "." : text[index + 1]
            guard character.isAlphanumeric || (before != "." && after != ".") else {
                throw text.error(at: index, "the name of a registry cannot have '\(character)' here")
            }
        }
    }

    /// Groups of hexadecimal digits, eight or fewer with one `::`; the last two may be an IPv4 address. No zone.
    private func checkIPv6(_ range: Range<Int>) throws(ReferenceError) {
        if let bad = range.first(where: { !(text[$0].isHex || text[$0] == ":" || text[$0] == ".") }) {
            throw text.error(at: bad, "\(ReferenceParser.quoted(text[bad])) cannot stand in an IPv6 address")
        }
        let halves = text[range].components(partedBy: "::")
        var groups = 0
        var isWellFormed = halves.count <= 2
        for (position, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                let isLast = position == halves.count - 1 && index == parts.count - 1
                if part.contains(".") {
                    let bytes = part.split(separator: ".", omittingEmptySubsequences: false)
                    isWellFormed = isWellFormed && isLast && bytes.count == 4 && bytes.allSatisfy { UInt8($0) != nil }
                    groups += 2
                } else {
                    isWellFormed = isWellFormed && (1...4).contains(part.count)
                    groups += 1
                }
            }
        }
        guard isWellFormed, halves.count == 2 ? groups <= 7 : groups == 8 else {
            throw text.error(at: range.lowerBound, "'\(text[range])' is not an IPv6 address")
        }
    }

    private func checkPort(_ range: Range<Int>) throws(ReferenceError) {
        guard !range.isEmpty else { throw text.error(at: range.lowerBound, "the port after ':' is missing") }
        if let bad = range.first(where: { !("0"..."9").contains(text[$0]) }) {
            throw text.error(at: bad, "\(ReferenceParser.quoted(text[bad])) cannot stand in a port")
        }
        guard let port = UInt16(text[range]), port > 0 else { throw text.error(at: range.lowerBound, "a port is a number from 1 to 65535") }
    }
}

extension Character {
    fileprivate var isHex: Bool { isLowercaseHex || ("A"..."F").contains(self) }
}

extension String {
    /// All pieces between non-overlapping occurrences of an ASCII separator, empty ones too.
    fileprivate func components(partedBy separator: String) -> [Substring] {
        var pieces: [Substring] = []
        var rest = self[...]
        while let found = rest.indices.first(where: { rest[$0...].hasPrefix(separator) }) {
            pieces.append(rest[..<found])
            rest = rest[found...].dropFirst(separator.count)
        }
        return pieces + [rest]
    }
}
