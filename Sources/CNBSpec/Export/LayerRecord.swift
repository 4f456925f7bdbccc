package import TOML

/// What a label remembers about one layer: its diffID, its types and its metadata (D-65).
package struct LayerRecord: Hashable, Sendable {
    /// `sha256:…` of the uncompressed layer.
    package var sha: String
    /// The `[metadata]` of `<layer>.toml`; null when it was empty.
    package var data: JSONValue
    package var types: LayerTypes
    /// Fields of newer writers, kept as they are.
    package var unknown: [String: JSONValue]

    package init(sha: String, types: LayerTypes, data: JSONValue = .null) {
        self.sha = sha
        self.types = types
        self.data = data
        unknown = [:]
    }

    package init(sha: String, _ metadata: LayerMetadata) {
        self.init(sha: sha, types: metadata.types, data: metadata.metadata.isEmpty ? .null : JSONValue(metadata.metadata))
    }

    /// The metadata as TOML, to be restored into `<layer>.toml`.
    package var metadata: TOMLTable {
        guard case .object(let fields) = data else { return TOMLTable() }
        return TOMLTable(fields)
    }
}

extension LayerRecord: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            sha: try fields.string("sha") ?? "",
            types: LayerTypes(
                launch: try fields.boolean("launch") ?? false, build: try fields.boolean("build") ?? false,
                cache: try fields.boolean("cache") ?? false),
            data: fields.value("data") ?? .null)
        unknown = fields.rest
    }

    package var json: JSONValue {
        var fields = unknown
        fields["sha"] = .string(sha)
        fields["data"] = data
        fields["launch"] = .boolean(types.launch)
        fields["build"] = .boolean(types.build)
        fields["cache"] = .boolean(types.cache)
        return .object(fields)
    }
}

/// A layer of which only the diffID is remembered. An empty one means that there is none.
package struct LayerDigest: Hashable, Sendable {
    package var sha: String
    package var unknown: [String: JSONValue]

    package init(_ sha: String) {
        self.sha = sha
        unknown = [:]
    }
}

extension LayerDigest: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(try fields.string("sha") ?? "")
        unknown = fields.rest
    }

    package var json: JSONValue {
        .object(unknown.merging(["sha": .string(sha)]) { _, known in known })
    }
}

/// The layers of one buildpack in a label. `key` is the raw id.
package struct BuildpackRecord: Hashable, Sendable {
    package var key: String
    package var version: String
    package var layers: [String: LayerRecord]
    /// `metadata` of store.toml; nil when there was none (C-80).
    package var store: JSONValue?
    package var unknown: [String: JSONValue]

    package init(key: String, version: String, layers: [String: LayerRecord] = [:], store: JSONValue? = nil) {
        self.key = key
        self.version = version
        self.layers = layers
        self.store = store
        unknown = [:]
    }

    package init(_ element: GroupElement, layers: [String: LayerRecord] = [:], store: StoreTOML? = nil) {
        self.init(
            key: element.id.raw, version: element.version.text, layers: layers, store: store.map { JSONValue($0.metadata) })
    }

    /// What to write to `store.toml` before the next build (D-16).
    package var storeTOML: StoreTOML? {
        guard case .object(let fields)? = store else { return nil }
        return StoreTOML(metadata: TOMLTable(fields))
    }
}

extension BuildpackRecord: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            key: try fields.string("key") ?? "", version: try fields.string("version") ?? "",
            layers: try fields.object("layers").mapValues(LayerRecord.init(json:)), store: try fields.object("store")["metadata"])
        unknown = fields.rest
    }

    package var json: JSONValue {
        var fields = unknown
        fields["key"] = .string(key)
        fields["version"] = .string(version)
        fields["layers"] = .object(layers.mapValues(\.json))
        fields["store"] = store.map { .object(["metadata": $0]) }
        return .object(fields)
    }
}
