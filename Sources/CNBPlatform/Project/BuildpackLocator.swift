package import Diagnostics

/// Where a buildpack comes from (H.3).
package enum BuildpackLocator: Hashable, Sendable {
    /// `from=builder`: all of the builder's order.
    case builderOrder
    /// `urn:cnb:builder:id[@version]` or `from=builder:id[@version]`: one of the builder's buildpacks and nothing else.
    case onBuilder(id: String, version: String?)
    /// `id` or `id@version`: the builder's, or else one of a registry of buildpacks (H-20).
    case named(id: String, version: String?)
    /// `urn:cnb:registry:namespace/name[@version]`
    case registry(id: String, version: String?)
    /// `docker://…`: a package image, as it stands behind the scheme.
    case image(String)
    /// A folder or archive, absolute.
    case path(String)
    /// `http://…` or `https://…`: an archive.
    case url(String)

    /// Reads what a user wrote. Relative paths start from `directory`; `exists` says whether something is at an absolute path,
    /// which tells a path without `./` from an id.
    package init(_ text: String, relativeTo directory: String, exists: (String) -> Bool) throws(Fault) {
        if text == "from=builder" {
            self = .builderOrder
        } else if let name = Self.rest(of: text, after: "urn:cnb:builder:") ?? Self.rest(of: text, after: "from=builder:") {
            let (id, version) = try Self.split(name, of: text)
            self = .onBuilder(id: id, version: version)
        } else if let name = Self.rest(of: text, after: "urn:cnb:registry:") {
            let (id, version) = try Self.split(name, of: text)
            self = .registry(id: id, version: version)
        } else if text.hasPrefix("urn:cnb:") || text.hasPrefix("from=") {
            throw Fault("'\(text)' is not a valid identifier", hint: "for the builder's own order write 'from=builder'")
        } else if let name = Self.rest(of: text, after: "docker://") {
            guard !name.isEmpty else { throw Fault("'\(text)' names no image") }
            self = .image(name)
        } else if let path = Self.rest(of: text, after: "file:") {
            self = .path(Self.absolute(path.hasPrefix("//") ? String(path.dropFirst(2)) : path, in: directory))
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            // It would be shown in messages and kept as part of a file's name.
            guard !text.drop(while: { $0 != "/" }).dropFirst(2).prefix(while: { $0 != "/" }).contains("@") else {
                throw Fault(
                    "an address of \(text.prefix { $0 != ":" })://… with credentials in it is not taken", hint: "download the file first")
            }
            self = .url(text)
        } else if let end = text.firstRange(of: "://") {
            throw Fault("unsupported protocol '\(text[..<end.lowerBound])' in '\(text)'", hint: "use docker:, file:, http: or https:")
        } else {
            let path = Self.absolute(text, in: directory)
            let looksLikePath = ["/", "./", "../"].contains(where: text.hasPrefix) || text == "." || text == ".."
            if looksLikePath || exists(path) {
                self = .path(path)
            } else {
                self = try Self.named(text)
            }
        }
    }

    /// An `id` or `id@version` that is not taken for a path.
    static func named(_ text: String) throws(Fault) -> BuildpackLocator {
        let (id, version) = try split(text, of: text)
        return .named(id: id, version: version)
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    private static func split(_ name: String, of text: String) throws(Fault) -> (id: String, version: String?) {
        let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !parts[0].isEmpty, parts.count == 1 || !parts[1].isEmpty else {
            throw Fault("'\(text)' is not a valid identifier", hint: "write it as 'id' or 'id@version'")
        }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") ? path : directory + (directory.hasSuffix("/") ? "" : "/") + path
    }
}
