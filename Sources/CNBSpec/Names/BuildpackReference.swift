package import Diagnostics

/// What a module is: the two kinds have separate name spaces.
package enum ModuleKind: String, Hashable, Sendable {
    case buildpack
    case `extension`
}

/// One exact buildpack or extension: `acme/node@1.2.3`.
package struct BuildpackReference: Hashable, Sendable {
    package var id: BuildpackID
    package var version: BuildpackVersion

    package init(id: BuildpackID, version: BuildpackVersion) {
        self.id = id
        self.version = version
    }

    /// Reads `id@version`.
    package init(_ text: String) throws(Fault) {
        guard let at = text.firstIndex(of: "@") else {
            throw Fault("'\(text)' has no version", hint: "write it as 'id@version'")
        }
        self.init(id: try BuildpackID(String(text[..<at])), version: try BuildpackVersion(String(text[text.index(after: at)...])))
    }
}

extension BuildpackReference: CustomStringConvertible, Comparable {
    package var description: String { "\(id)@\(version)" }
    package static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}
