package import Diagnostics
package import TOML

/// What a layer is for.
package struct LayerTypes: Hashable, Sendable {
    package var launch: Bool
    package var build: Bool
    package var cache: Bool

    package init(launch: Bool = false, build: Bool = false, cache: Bool = false) {
        self.launch = launch
        self.build = build
        self.cache = cache
    }

    /// C-42: a layer of no use is renamed to `<layer>.ignore` when its buildpack ends.
    package var isIgnored: Bool { !launch && !build && !cache }
}

/// `<layer>.toml` (C-40).
package struct LayerMetadata: Equatable, Sendable {
    package var types: LayerTypes
    package var metadata: TOMLTable

    /// Names that a layer cannot have, because their files mean something else (C-45).
    package static let reservedNames: Set<String> = ["build", "launch", "store"]

    /// Whether a layer can have that name: it names a file, and none with another meaning. Labels of foreign images may say anything.
    package static func isLayerName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !reservedNames.contains(name)
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    package init(types: LayerTypes = LayerTypes(), metadata: TOMLTable = TOMLTable()) {
        self.types = types
        self.metadata = metadata
    }

    /// Every `*.toml` of a buildpack's layers folder is read for this check, launch.toml and its like too (C-41). Errors have status 52,
    /// or `status` when another phase reads.
    package init(reading source: DocumentSource, status: ExitStatus = .build) throws(Fault) {
        self = try source.read(status: status) { reader in
            if let key = ["launch", "build", "cache"].first(where: reader.has) {
                throw reader.error(
                    at: key, "the \(key) flag is at the top level, where it has no effect: the flags belong in the [types] table")
            }
            let types = try reader.table("types")
            return LayerMetadata(
                types: LayerTypes(
                    launch: try types?.boolean("launch") ?? false, build: try types?.boolean("build") ?? false,
                    cache: try types?.boolean("cache") ?? false),
                metadata: try reader.freeForm("metadata"))
        }
    }

    /// D-19: what is restored before a build has no types, so that the buildpack must opt in again.
    package static func restoredText(metadata: TOMLTable) -> String {
        metadata.isEmpty ? "" : TOMLTable([("metadata", .table(metadata))]).serialized()
    }
}
