package import Diagnostics
import TOML

/// analyzed.toml: what later phases need to know of the images (D-7).
package struct AnalyzedMetadata: Equatable, Sendable {
    package struct RunImage: Equatable, Sendable {
        package var reference: String
        /// The name as it was given (Platform API 0.12).
        package var image: String
        /// Whether extensions change it.
        package var extend: Bool
        package var target: BaseTarget?

        package init(reference: String, image: String = "", extend: Bool = false, target: BaseTarget? = nil) {
            self.reference = reference
            self.image = image
            self.extend = extend
            self.target = target
        }
    }

    /// The previous image; empty when there is none.
    package var previousImage: String
    package var metadata: LifecycleMetadata?
    package var runImage: RunImage?
    /// Reference of the build image, when the restorer wrote it.
    package var buildImage: String?

    package init(
        previousImage: String = "", metadata: LifecycleMetadata? = nil, runImage: RunImage? = nil, buildImage: String? = nil
    ) {
        self.previousImage = previousImage
        self.metadata = metadata
        self.runImage = runImage
        self.buildImage = buildImage
    }

    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            let metadata = try reader.freeForm("metadata")
            return AnalyzedMetadata(
                previousImage: try reader.table("image")?.string("reference") ?? "",
                metadata: metadata.isEmpty ? nil : try LifecycleMetadata(toml: metadata),
                runImage: try reader.table("run-image").map(RunImage.init(reading:)),
                buildImage: try reader.table("build-image")?.filledString("reference"))
        }
    }

    package func serialized() -> String {
        var document = TOMLTable()
        if let buildImage { document["build-image"] = .table(TOMLTable([("reference", .string(buildImage))])) }
        document["image"] = .table(TOMLTable([("reference", .string(previousImage))]))
        if let metadata { document["metadata"] = .table(metadata.toml) }
        if let runImage { document["run-image"] = .table(runImage.toml) }
        return document.serialized()
    }
}

extension AnalyzedMetadata.RunImage {
    fileprivate init(reading reader: TOMLReader) throws {
        self.init(
            reference: try reader.string("reference") ?? "", image: try reader.string("image") ?? "",
            extend: try reader.boolean("extend") ?? false, target: try reader.table("target").map(BaseTarget.init(reading:)))
    }

    fileprivate var toml: TOMLTable {
        var table = TOMLTable([("reference", .string(reference))])
        if !image.isEmpty { table["image"] = .string(image) }
        if extend { table["extend"] = .boolean(true) }
        if let target { table["target"] = .table(target.toml) }
        return table
    }
}

extension BaseTarget {
    /// Either spelling of the variant is read (B-15).
    fileprivate init(reading reader: TOMLReader) throws {
        let variant = try reader.string("arch-variant")
        let specVariant = try reader.string("variant")
        let distro = try reader.table("distro")
        self.init(
            os: try reader.string("os") ?? "", arch: try reader.string("arch") ?? "", variant: variant ?? specVariant ?? "",
            distro: try distro.map { Distro(name: try $0.string("name") ?? "", version: try $0.string("version") ?? "") },
            id: try reader.string("id") ?? "")
    }

    fileprivate var toml: TOMLTable {
        var table = TOMLTable()
        for (key, value) in [("id", id), ("os", os), ("arch", arch), ("arch-variant", variant)] where !value.isEmpty {
            table[key] = .string(value)
        }
        if let distro {
            table["distro"] = .table(TOMLTable([("name", .string(distro.name)), ("version", .string(distro.version))]))
        }
        return table
    }
}
