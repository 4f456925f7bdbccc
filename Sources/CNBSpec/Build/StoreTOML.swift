package import Diagnostics
package import TOML

/// store.toml: what a buildpack wants to find again in the next build (C-80).
package struct StoreTOML: Equatable, Sendable {
    package var metadata: TOMLTable

    package init(metadata: TOMLTable = TOMLTable()) {
        self.metadata = metadata
    }

    /// Errors have status 52.
    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read(status: .build) { StoreTOML(metadata: try $0.freeForm("metadata")) }
    }

    package func serialized() -> String {
        TOMLTable([("metadata", .table(metadata))]).serialized()
    }
}
