/// The run image that an app image stands on, as its label tells (D-67, D-68).
package struct RunImageRecord: Hashable, Sendable {
    /// diffID of the run image's last layer.
    package var topLayer: String
    /// Digest reference, image id or layout path.
    package var reference: String
    /// Name and mirrors; empty for Platform APIs before 0.12.
    package var image: RunImage
    package var unknown: [String: JSONValue]

    package init(topLayer: String = "", reference: String = "", image: RunImage = RunImage(image: "")) {
        self.topLayer = topLayer
        self.reference = reference
        self.image = image
        unknown = [:]
    }
}

extension RunImageRecord: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            topLayer: try fields.string("topLayer") ?? "", reference: try fields.string("reference") ?? "",
            image: RunImage(image: try fields.string("image") ?? "", mirrors: try fields.strings("mirrors")))
        unknown = fields.rest
    }

    package var json: JSONValue {
        var fields = unknown
        fields["topLayer"] = .string(topLayer)
        fields["reference"] = .string(reference)
        if case .object(let names) = image.json { fields.merge(names) { _, name in name } }
        return .object(fields)
    }
}

/// The label `io.buildpacks.lifecycle.metadata`: what the next build and a rebase need to know (D-65). What it holds beyond that is kept.
package struct LifecycleMetadata: Hashable, Sendable {
    /// One per slice, the remainder last.
    package var app: [LayerDigest]
    package var sbom: LayerDigest?
    /// Every buildpack of the group, with its launch layers only (D-66).
    package var buildpacks: [BuildpackRecord]
    package var config: LayerDigest
    package var launcher: LayerDigest
    package var processTypes: LayerDigest
    package var runImage: RunImageRecord
    /// `stack.runImage`: name and mirrors again, for older platforms.
    package var stackRunImage: RunImage?
    package var unknown: [String: JSONValue]

    package init() {
        app = []
        buildpacks = []
        config = LayerDigest("")
        launcher = LayerDigest("")
        processTypes = LayerDigest("")
        runImage = RunImageRecord()
        unknown = [:]
    }

    /// The buildpack with that id, whatever its version (D-33).
    package func buildpack(_ id: BuildpackID) -> BuildpackRecord? {
        buildpacks.first { $0.key == id.raw }
    }
}

extension LifecycleMetadata: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init()
        app = try fields.array("app").map(LayerDigest.init(json:))
        sbom = try fields.value("sbom").map(LayerDigest.init(json:))
        buildpacks = try fields.array("buildpacks").map(BuildpackRecord.init(json:))
        config = try fields.value("config").map(LayerDigest.init(json:)) ?? config
        launcher = try fields.value("launcher").map(LayerDigest.init(json:)) ?? launcher
        processTypes = try fields.value("process-types").map(LayerDigest.init(json:)) ?? processTypes
        runImage = try fields.value("runImage").map(RunImageRecord.init(json:)) ?? runImage
        var stack = try fields.object("stack")
        stackRunImage = try stack.removeValue(forKey: "runImage").map(RunImage.init(json:))
        unknown = fields.rest
        if !stack.isEmpty { unknown["stack"] = .object(stack) }
    }

    package var json: JSONValue {
        var fields = unknown
        fields["app"] = .array(app.map(\.json))
        fields["sbom"] = sbom?.json
        fields["buildpacks"] = .array(buildpacks.map(\.json))
        fields["config"] = config.json
        fields["launcher"] = launcher.json
        fields["process-types"] = processTypes.json
        fields["runImage"] = runImage.json
        if let stackRunImage {
            var stack: [String: JSONValue] = [:]
            if case .object(let known)? = unknown["stack"] { stack = known }
            stack["runImage"] = stackRunImage.json
            fields["stack"] = .object(stack)
        }
        return .object(fields)
    }
}

/// The cache's metadata: `io.buildpacks.lifecycle.cache.metadata`, a file in a folder and a label on a cache image (D-81).
package struct CacheMetadata: Hashable, Sendable {
    package var sbom: LayerDigest
    package var buildpacks: [BuildpackRecord]

    package init(sbom: LayerDigest = LayerDigest(""), buildpacks: [BuildpackRecord] = []) {
        self.sbom = sbom
        self.buildpacks = buildpacks
    }

    package func buildpack(_ id: BuildpackID) -> BuildpackRecord? {
        buildpacks.first { $0.key == id.raw }
    }
}

extension CacheMetadata: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            sbom: try fields.value("sbom").map(LayerDigest.init(json:)) ?? LayerDigest(""),
            buildpacks: try fields.array("buildpacks").map(BuildpackRecord.init(json:)))
    }

    package var json: JSONValue {
        .object(["sbom": sbom.json, "buildpacks": .array(buildpacks.map(\.json))])
    }
}
