import Archive
import OCIImage

/// A small image whose layers hold one file each, put into the store without a name.
func sampleImage(
    in store: ImageStore, contents: [String] = ["base", "app"], family: MediaType.Family = .oci
) throws -> Image {
    var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
    config.created = "1980-01-01T00:00:01Z"
    config.settings.environment = ["PATH=/bin", "B=2", "A=1"]
    config.settings.labels = ["z": "1", "a": "2"]
    config.settings.entrypoint = ["/bin/sh"]
    let empty = try Image(config: config, family: family, blobs: store)
    return try empty.appending(
        contents.map {
            NewLayer(try sampleLayer($0, in: store), history: History(created: "1980-01-01T00:00:01Z", createdBy: "layer \($0)"))
        })
}

/// A gzip layer with the file `/<name>.txt`, which holds the name.
func sampleLayer(_ name: String, in store: ImageStore) throws -> LayerFacts {
    let ingest = try store.ingest()
    let writer = LayerWriter(.gzip(to: ingest.descriptor))
    let contents = Array(name.utf8)
    try writer.append(TarHeader(path: RawPath("/\(name).txt"), kind: .file, mode: 0o644, size: Int64(contents.count)), contents: contents)
    let facts = try writer.finish()
    try ingest.commit(facts)
    return facts
}

func ref(_ text: String) throws -> Reference { try Reference(parsing: text) }
