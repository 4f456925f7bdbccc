import Archive
import CNBLifecycle
import CNBSpec
import Glibc
import OCIImage
import TestSupport

extension TestRoot {
    /// A layer blob in the store with these files, and folders for paths that end in a slash.
    func storeLayer(_ files: [(path: String, text: String)], owner: Ownership = .root) throws -> LayerFacts {
        let ingest = try store.ingest()
        let writer = LayerWriter(.gzip(to: ingest.descriptor))
        for (path, text) in files {
            if path.hasSuffix("/") {
                try writer.append(TarHeader(path: RawPath(String(path.dropLast())), kind: .directory, mode: 0o755, owner: owner))
            } else {
                try writer.append(TarHeader(path: RawPath(path), kind: .file, mode: 0o640, owner: owner), contents: Array(text.utf8))
            }
        }
        let facts = try writer.finish()
        try ingest.commit(facts)
        return facts
    }

    /// A run image of one layer, with a step that made none and settings to be inherited.
    func runImage(_ family: MediaType.Family = .oci, change: (inout ImageConfig) -> Void = { _ in }) throws -> Image {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.created = "2024-01-01T00:00:00Z"
        config.settings.environment = ["A=1", "PATH=/usr/bin:/bin", "CNB_APP_DIR=/old"]
        config.settings.labels = ["io.buildpacks.base.id": "kit", "io.buildpacks.project.metadata": "old"]
        config.settings.user = "1000:1000"
        config.settings.command = ["sh"]
        config.settings.exposedPorts = ["8080/tcp"]
        change(&config)
        let base = try storeLayer([("etc/", ""), ("etc/kit-run", "run\n")])
        return try Image(config: config, family: family, blobs: store)
            .appending([NewLayer(base, history: History(created: "2024-01-01T00:00:00Z", createdBy: "base"))])
    }

    /// An image as the last build left it: a label, and the layers that it names.
    func previousImage(_ metadata: LifecycleMetadata, _ layers: [NewLayer] = [], family: MediaType.Family = .oci) throws -> PreviousImage {
        let image = try runImage(family) { $0.settings.labels[LabelName.lifecycleMetadata] = (try? metadata.labelText()) ?? "" }
        guard let previous = PreviousImage(try image.appending(layers)) else { throw TestSetupError("the label cannot be read") }
        return previous
    }

    /// The entries of a layer: path, kind and size or link.
    func entries(of blob: String) throws -> [TarHeader] {
        let file = open(blob, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw TestSetupError("there is no blob '\(blob)'") }
        defer { close(file) }
        let reader = try LayerReader(descriptor: file)
        var entries: [TarHeader] = []
        while let header = try reader.next() { entries.append(header) }
        return entries
    }
}

extension LifecycleMetadata {
    /// Layers by `<id>:<layer>`.
    init(_ records: [String: LayerRecord], store: [String: CNBSpec.JSONValue] = [:]) throws {
        self.init()
        for (name, record) in records.sorted(by: { $0.key < $1.key }) {
            let parts = name.split(separator: ":").map(String.init)
            let index = buildpacks.firstIndex { $0.key == parts[0] } ?? buildpacks.count
            if index == buildpacks.count { buildpacks.append(BuildpackRecord(key: parts[0], version: "1")) }
            buildpacks[index].layers[parts[1]] = record
        }
        for (key, value) in store {
            let index = buildpacks.firstIndex { $0.key == key } ?? buildpacks.count
            if index == buildpacks.count { buildpacks.append(BuildpackRecord(key: key, version: "1")) }
            buildpacks[index].store = value
        }
    }
}

extension LayerTypes {
    /// From letters: `lbc`.
    init(letters: String) {
        self.init(launch: letters.contains("l"), build: letters.contains("b"), cache: letters.contains("c"))
    }
}
