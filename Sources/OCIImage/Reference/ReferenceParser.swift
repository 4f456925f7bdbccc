import Archive

/// Reads one reference. Works on characters, because its errors count them.
struct ReferenceParser {
    private let text: String
    private let characters: [Character]

    init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    mutating func parse() throws(ReferenceError) -> Reference {
        guard !characters.isEmpty else { throw error(at: 0, "it is empty") }
        try refuseScheme()
        let digestMark = characters.firstIndex(of: "@")
        let nameAndTag = 0..<(digestMark ?? characters.count)
        let digest: Digest? = if let digestMark { try parseDigest(after: digestMark) } else { nil }

        var path = nameAndTag
        var registry = Reference.dockerHub
        if let slash = characters[nameAndTag].firstIndex(of: "/"), isRegistry(characters[..<slash]) {
            registry = try HostParser(self).parse(0..<slash)
            path = (slash + 1)..<nameAndTag.upperBound
        }
        var tag: String?
        // A colon after the last slash begins the tag; ports were taken with the registry.
        let lastName = characters[path].lastIndex(of: "/").map { $0 + 1 } ?? path.lowerBound
        if let colon = characters[lastName..<path.upperBound].firstIndex(of: ":") {
            tag = try parseTag((colon + 1)..<path.upperBound)
            path = path.lowerBound..<colon
        }
        // On Docker Hub a name of one word is one of the official images.
        let isHub = Reference.dockerHubNames.contains(registry)
        let prefix = isHub && !characters[path].contains("/") ? "library/" : ""
        let repository = try prefix + parseRepository(path, limit: 255 - prefix.count)
        return Reference(
            registry: isHub ? Reference.dockerHub : registry, repository: repository, tag: tag ?? (digest == nil ? "latest" : nil),
            digest: digest)
    }

    func error(at index: Int, _ reason: String, hint: String? = nil) -> ReferenceError {
        ReferenceError(text: text, reason: reason, column: index + 1, hint: hint)
    }

    subscript(_ index: Int) -> Character { characters[index] }
    subscript(_ range: Range<Int>) -> String { String(characters[range]) }

    // MARK: parts

    private func refuseScheme() throws(ReferenceError) {
        guard let colon = characters.firstIndex(of: ":"), characters[colon...].starts(with: "://") else { return }
        let rest = String(characters[(colon + 3)...])
        throw error(
            at: colon, "it begins with '\(String(characters[...(colon + 2)]))'", hint: rest.isEmpty ? nil : "leave that out: '\(rest)'")
    }

    /// N.6: the first component is a registry only if it has a dot or a colon, or is `localhost`.
    private func isRegistry(_ component: ArraySlice<Character>) -> Bool {
        component.contains(".") || component.contains(":") || String(component).lowercased() == "localhost"
    }

    private func parseRepository(_ range: Range<Int>, limit: Int) throws(ReferenceError) -> String {
        guard !range.isEmpty else { throw error(at: range.lowerBound, "the repository is missing") }
        guard range.count <= limit else { throw error(at: range.lowerBound + limit, "the repository is longer than \(limit) characters") }
        if let upper = range.first(where: { characters[$0].isASCII && characters[$0].isUppercase }) {
            let lower = String(characters[..<range.lowerBound]) + self[range].lowercased() + String(characters[range.upperBound...])
            throw error(
                at: upper, "a repository is written in lower case", hint: (try? Reference(parsing: lower)) == nil ? nil : "use '\(lower)'")
        }
        var start = range.lowerBound
        while true {
            let end = characters[start..<range.upperBound].firstIndex(of: "/") ?? range.upperBound
            try checkComponent(start..<end)
            guard end < range.upperBound else { break }
            start = end + 1
        }
        let name = self[range]
        guard !(name.count == 64 && name.allSatisfy(\.isLowercaseHex)) else {
            throw error(
                at: range.lowerBound, "64 hexadecimal digits look like a digest", hint: "name a repository too: 'NAME@sha256:\(name)'")
        }
        return name
    }

    /// Letters and digits, parted by one dot, one or two underscores, or any number of dashes.
    private func checkComponent(_ range: Range<Int>) throws(ReferenceError) {
        guard !range.isEmpty else { throw error(at: range.lowerBound, "a part of the repository is empty") }
        var index = range.lowerBound
        while index < range.upperBound {
            if characters[index].isLowercaseAlphanumeric {
                index += 1
                continue
            }
            let end = characters[index..<range.upperBound].firstIndex { !$0.isSeparator } ?? range.upperBound
            guard end > index else {
                throw error(
                    at: index, "\(Self.quoted(characters[index])) cannot stand in a repository",
                    hint: "allowed are a-z, 0-9 and between them . _ __ -")
            }
            guard index > range.lowerBound else { throw error(at: index, "a part of the repository begins with '\(self[index..<end])'") }
            guard end < range.upperBound else { throw error(at: index, "a part of the repository ends with '\(self[index..<end])'") }
            let separator = self[index..<end]
            guard [".", "_", "__"].contains(separator) || separator.allSatisfy({ $0 == "-" }) else {
                throw error(
                    at: index, "'\(separator)' cannot part the words of a repository", hint: "allowed are . _ __ and any number of -")
            }
            index = end
        }
    }

    private func parseTag(_ range: Range<Int>) throws(ReferenceError) -> String {
        guard !range.isEmpty else { throw error(at: range.lowerBound, "the tag after ':' is missing") }
        for index in range {
            let character = characters[index]
            guard character.isTagCharacter else {
                throw error(at: index, "\(Self.quoted(character)) cannot stand in a tag", hint: "allowed are letters, digits and _ . -")
            }
            guard index > range.lowerBound || !(character == "." || character == "-") else {
                throw error(at: index, "a tag cannot begin with '\(character)'")
            }
        }
        guard range.count <= 128 else { throw error(at: range.lowerBound + 128, "the tag is longer than 128 characters") }
        return self[range]
    }

    private func parseDigest(after mark: Int) throws(ReferenceError) -> Digest {
        let range = (mark + 1)..<characters.count
        let hint = "a digest is 'sha256:' and 64 hexadecimal digits in lower case"
        guard !range.isEmpty else { throw error(at: range.lowerBound, "the digest after '@' is missing", hint: hint) }
        guard let colon = characters[range].firstIndex(of: ":") else {
            throw error(at: range.lowerBound, "the digest names no algorithm", hint: hint)
        }
        let algorithm = self[range.lowerBound..<colon]
        guard algorithm == "sha256" else { throw error(at: range.lowerBound, "the digest is not sha256", hint: hint) }
        let digits = (colon + 1)..<characters.count
        if let bad = digits.first(where: { !characters[$0].isLowercaseHex }) {
            throw error(at: bad, "\(Self.quoted(characters[bad])) cannot stand in a digest", hint: hint)
        }
        guard let digest = Digest(self[range]) else {
            throw error(at: digits.upperBound, "the digest has \(digits.count) digits, not 64", hint: hint)
        }
        return digest
    }

    static func quoted(_ character: Character) -> String { character == " " ? "a space" : "'\(character)'" }
}

extension Character {
    var isLowercaseAlphanumeric: Bool { ("a"..."z").contains(self) || ("0"..."9").contains(self) }
    var isAlphanumeric: Bool { isLowercaseAlphanumeric || ("A"..."Z").contains(self) }
    var isLowercaseHex: Bool { ("0"..."9").contains(self) || ("a"..."f").contains(self) }
    fileprivate var isSeparator: Bool { self == "." || self == "_" || self == "-" }
    fileprivate var isTagCharacter: Bool { isAlphanumeric || isSeparator }
}
