package import Diagnostics
import TOML

/// What a `bin/detect` writes: alternatives of what it provides and requires, best first (B-51).
package struct DetectPlan: Equatable, Sendable {
    package struct Option: Equatable, Sendable {
        package var provides: [String]
        package var requires: [Requirement]

        package init(provides: [String] = [], requires: [Requirement] = []) {
            self.provides = provides
            self.requires = requires
        }
    }

    /// Never empty: the first is the document's top level, the rest its `[[or]]` tables.
    package let options: [Option]

    package init(_ first: Option = Option(), or others: [Option] = []) {
        options = [first] + others
    }

    /// An extension's plan must not require anything (B-10); no plan may use the old `version` key (B-11).
    package init(reading source: DocumentSource, kind: ModuleKind) throws(Fault) {
        self = try source.read { reader in
            DetectPlan(try Option.read(reader, kind), or: try (reader.tables("or") ?? []).map { try Option.read($0, kind) })
        }
    }
}

extension DetectPlan.Option {
    fileprivate static func read(_ reader: TOMLReader, _ kind: ModuleKind) throws -> Self {
        let requires = try (reader.tables("requires") ?? []).map(Requirement.read)
        if kind == .extension, !requires.isEmpty {
            throw reader.error(at: "requires", "an extension cannot require anything: 'requires' is not allowed in its plan")
        }
        return Self(provides: try (reader.tables("provides") ?? []).map { try $0.requiredString("name") }, requires: requires)
    }
}
