package import Diagnostics
package import TOML

/// A dependency that a buildpack asks for, with whatever it has to say about it.
package struct Requirement: Equatable, Sendable {
    package var name: String
    package var metadata: TOMLTable

    package init(_ name: String, metadata: TOMLTable = TOMLTable()) {
        self.name = name
        self.metadata = metadata
    }

    /// Reads one `requires` entry. The old `version` key beside `name` is refused (B-11).
    static func read(_ reader: TOMLReader) throws -> Requirement {
        let name = try reader.requiredString("name")
        if reader.has("version") {
            throw reader.error(at: "version", "'version' of the required '\(name)' must be in its metadata table")
        }
        return Requirement(name, metadata: try reader.freeForm("metadata"))
    }

    var toml: TOMLTable {
        var table = TOMLTable([("name", .string(name))])
        if !metadata.isEmpty { table["metadata"] = .table(metadata) }
        return table
    }
}

/// A module that offers a dependency.
package struct Provider: Hashable, Sendable {
    package var reference: BuildpackReference
    package var kind: ModuleKind

    package init(_ reference: BuildpackReference, kind: ModuleKind = .buildpack) {
        self.reference = reference
        self.kind = kind
    }
}

/// plan.toml: which module provides what, and who asked for it (B-30).
package struct BuildPlan: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var providers: [Provider]
        package var requires: [Requirement]

        package init(providers: [Provider], requires: [Requirement]) {
            self.providers = providers
            self.requires = requires
        }
    }

    package var entries: [Entry]

    package init(entries: [Entry] = []) {
        self.entries = entries
    }

    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            BuildPlan(
                entries: try (reader.tables("entries") ?? []).map { entry in
                    Entry(
                        providers: try (entry.tables("providers") ?? []).map {
                            Provider(try $0.reference(), kind: try $0.boolean("extension") == true ? .extension : .buildpack)
                        },
                        requires: try (entry.tables("requires") ?? []).map(Requirement.read))
                })
        }
    }

    package func serialized() -> String {
        guard !entries.isEmpty else { return "" }
        let list = entries.map { entry in
            TOMLValue.table(
                TOMLTable([
                    ("providers", .array(entry.providers.map { .table($0.toml) })),
                    ("requires", .array(entry.requires.map { .table($0.toml) })),
                ]))
        }
        return TOMLTable([("entries", .array(list))]).serialized()
    }
}

extension Provider {
    fileprivate var toml: TOMLTable {
        var table = TOMLTable([("id", .string(reference.id.raw)), ("version", .string(reference.version.text))])
        if kind == .extension { table["extension"] = .boolean(true) }
        return table
    }
}
