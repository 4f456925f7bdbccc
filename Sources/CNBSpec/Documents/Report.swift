import TOML

/// report.toml: what was saved (D-75, D-76).
package struct Report: Equatable, Sendable {
    /// Every name that was saved.
    package var tags: [String]
    /// `sha256:…` of the manifest, for a registry or a layout.
    package var digest: String?
    /// The id of the image in a daemon.
    package var imageID: String?
    /// Bytes of the manifest; nil or 0 is left out.
    package var manifestSize: Int64?
    /// Deprecated bill of materials of bin/build, for Platform APIs before 0.9.
    package var buildBOM: [LegacyBOMEntry]

    package init(
        tags: [String], digest: String? = nil, imageID: String? = nil, manifestSize: Int64? = nil, buildBOM: [LegacyBOMEntry] = []
    ) {
        self.tags = tags
        self.digest = digest
        self.imageID = imageID
        self.manifestSize = manifestSize
        self.buildBOM = buildBOM
    }

    package func serialized() -> String {
        var image = TOMLTable([("tags", .array(tags.map(TOMLValue.string)))])
        if let imageID { image["image-id"] = .string(imageID) }
        if let digest { image["digest"] = .string(digest) }
        if let manifestSize, manifestSize != 0 { image["manifest-size"] = .integer(manifestSize) }
        var document = TOMLTable()
        if !buildBOM.isEmpty {
            document["build"] = .table(TOMLTable([("bom", .array(buildBOM.map { .table($0.toml) }))]))
        }
        document["image"] = .table(image)
        return document.serialized()
    }
}
