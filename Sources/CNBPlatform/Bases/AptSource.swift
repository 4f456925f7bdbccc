/// One place that apt takes packages from: an entry of sources.list or of a `.sources` file.
package struct AptSource: Equatable, Sendable {
    package var uris: [String]
    package var suites: [String]
    package var components: [String]
    /// A path of a keyring, or the key itself; nil for apt's own trusted keys.
    package var signedBy: String?

    package init(uris: [String], suites: [String], components: [String] = ["main"], signedBy: String? = nil) {
        self.uris = uris
        self.suites = suites
        self.components = components
        self.signedBy = signedBy
    }

    /// The enabled entries for binary packages in one file of /etc/apt; `name` tells which of the two formats it has.
    static func parse(_ text: String, name: String) -> [AptSource] {
        name.hasSuffix(".sources")
            ? DebianControl.paragraphs(text).compactMap(AptSource.init(paragraph:))
            : text.split(separator: "\n").compactMap { AptSource(line: $0) }
    }

    private init?(paragraph: DebianControl.Paragraph) {
        func words(_ field: String) -> [String] { (paragraph[field] ?? "").split(whereSeparator: \.isWhitespace).map(String.init) }
        guard words("types").contains("deb"), paragraph["enabled"]?.lowercased() != "no" else { return nil }
        self.init(uris: words("uris"), suites: words("suites"), components: words("components"), signedBy: paragraph["signed-by"])
        guard !uris.isEmpty, !suites.isEmpty else { return nil }
    }

    /// `deb [signed-by=/k.gpg arch=amd64] http://host/debian bookworm main contrib`
    private init?(line: Substring) {
        var line = line.prefix { $0 != "#" }.drop(while: \.isWhitespace)
        guard line.hasPrefix("deb"), line.dropFirst(3).first?.isWhitespace == true else { return nil }
        line = line.dropFirst(3).drop(while: \.isWhitespace)
        var options: [Substring] = []
        if line.first == "[", let end = line.firstIndex(of: "]") {
            options = line[..<end].dropFirst().split(whereSeparator: \.isWhitespace)
            line = line[line.index(after: end)...]
        }
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 2 else { return nil }
        let key = options.first { $0.hasPrefix("signed-by=") }?.dropFirst("signed-by=".count)
        self.init(uris: [words[0]], suites: [words[1]], components: Array(words.dropFirst(2)), signedBy: key.map(String.init))
    }

    /// The part of this entry that serves the suite, its updates and its security fixes; nil when there is none or when
    /// the entry is another publisher's: one with a keyring of its own, or without the component `main`.
    func serving(_ suite: String) -> AptSource? {
        let wanted = [suite, "\(suite)-updates", "\(suite)-security", "\(suite)/updates"]
        let keys = ["debian-archive-", "ubuntu-archive-"]
        guard components.contains("main"), signedBy.map({ key in keys.contains { key.contains($0) } }) ?? true else { return nil }
        var part = self
        part.suites = suites.filter(wanted.contains)
        part.components = ["main"]
        return part.suites.isEmpty ? nil : part
    }

    /// A paragraph of a `.sources` file.
    package var paragraph: String {
        var lines = ["Types: deb", "URIs: \(uris.joined(separator: " "))", "Suites: \(suites.joined(separator: " "))"]
        if !components.isEmpty { lines.append("Components: \(components.joined(separator: " "))") }
        if let signedBy {
            let value = signedBy.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n ")
            lines.append("Signed-By: \(value)")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    static func document(_ sources: [AptSource]) -> String {
        sources.map(\.paragraph).joined(separator: "\n")
    }
}
