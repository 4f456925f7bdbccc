import Diagnostics
import TOML

// Registries of buildpacks (H-48).
extension ConfigurationFile {
    /// Adds a registry, which may become the default one.
    package func addBuildpackRegistry(_ name: String, url: String, type: String, isDefault: Bool) throws {
        guard name != "official" else { throw Fault("'official' is a reserved registry name", hint: "use another name") }
        guard !name.isEmpty, !name.contains("/"), !name.contains(where: \.isWhitespace) else {
            throw Fault("'\(name)' is no name for a registry of buildpacks", hint: "use a word without spaces and slashes")
        }
        guard ["github", "git"].contains(type) else {
            throw Fault("'\(type)' is not a valid type. Supported types are: 'github', 'git'.")
        }
        let isAddress = ["https://", "http://", "ssh://", "git://", "file:///"].contains(where: url.hasPrefix) || url.hasPrefix("/")
        guard isAddress else { throw Fault("'\(url)' is not the address of a git repository", hint: "write it as https://HOST/PATH") }
        try change { document in
            var tables = Self.registries(in: document)
            guard !tables.contains(where: { $0["name"] == .string(name) }) else {
                throw Fault("Buildpack registry '\(name)' already exists.", hint: "remove it first: tote config registries remove \(name)")
            }
            tables.append(TOMLTable([("name", .string(name)), ("type", .string(type)), ("url", .string(url))]))
            document["registries"] = .array(tables.map(TOMLValue.table))
            if isDefault { document["default-registry-name"] = .string(name) }
        }
    }

    /// The usual one becomes the default again when this was it.
    package func removeBuildpackRegistry(_ name: String) throws {
        guard name != "official" else { throw Fault("'official' is a reserved registry name", hint: "it cannot be removed") }
        try change { document in
            let tables = Self.registries(in: document)
            let left = tables.filter { $0["name"] != .string(name) }
            guard left.count < tables.count else { throw Self.unknown(name, tables) }
            document["registries"] = left.isEmpty ? nil : .array(left.map(TOMLValue.table))
            if document["default-registry-name"] == .string(name) { document["default-registry-name"] = nil }
        }
    }

    /// Nil for the usual one. Returns what it was.
    @discardableResult
    package func setDefaultBuildpackRegistry(_ name: String?) throws -> String? {
        try change { document in
            let tables = Self.registries(in: document)
            if let name, name != "official", !tables.contains(where: { $0["name"] == .string(name) }) { throw Self.unknown(name, tables) }
            defer { document["default-registry-name"] = name.map(TOMLValue.string) }
            if case .string(let old)? = document["default-registry-name"] { return old }
            return nil
        }
    }

    private static func registries(in document: TOMLTable) -> [TOMLTable] {
        guard case .array(let elements)? = document["registries"] else { return [] }
        return elements.compactMap { if case .table(let table) = $0 { table } else { nil } }
    }

    private static func unknown(_ name: String, _ tables: [TOMLTable]) -> Fault {
        let names = tables.compactMap { table in if case .string(let name)? = table["name"] { name } else { nil } }
        let meant = Suggestion.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
        return Fault("registry '\(name)' does not exist", hint: meant ?? "'tote config registries list' lists them")
    }
}
