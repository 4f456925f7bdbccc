import TOML

/// A licence a module is published under.
package struct License: Equatable, Sendable {
    package var type: String
    package var uri: String

    package init(type: String, uri: String) {
        self.type = type
        self.uri = uri
    }
}

/// What buildpack.toml and extension.toml say alike about a module.
package struct ModuleInfo: Equatable, Sendable {
    package var api: APIVersion
    package var reference: BuildpackReference
    package var name: String?
    package var homepage: String?
    package var description: String?
    package var keywords: [String]
    package var licenses: [License]
    /// True when the user's variables must not reach its scripts (C-28).
    package var clearEnv: Bool
    /// Environments it is for (B-12, B-13); empty means all.
    package var execEnv: [String]

    package init(api: APIVersion, reference: BuildpackReference, homepage: String? = nil, clearEnv: Bool = false, execEnv: [String] = []) {
        self.api = api
        self.reference = reference
        self.homepage = homepage
        self.clearEnv = clearEnv
        self.execEnv = execEnv
        keywords = []
        licenses = []
    }

    init(api: APIVersion, table: TOMLReader) throws {
        self.init(
            api: api, reference: try table.reference(), homepage: try table.filledString("homepage"),
            clearEnv: try table.boolean("clear-env") ?? false, execEnv: try table.execEnv())
        name = try table.filledString("name")
        description = try table.filledString("description")
        keywords = try table.strings("keywords") ?? []
        licenses = try (table.tables("licenses") ?? []).map {
            License(type: try $0.string("type") ?? "", uri: try $0.string("uri") ?? "")
        }
    }
}

extension TOMLReader {
    /// Nil when absent or empty.
    func filledString(_ key: String) throws -> String? {
        guard let text = try string(key), !text.isEmpty else { return nil }
        return text
    }
}
