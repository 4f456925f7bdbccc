package import Archive
package import CNBSpec
package import Diagnostics
package import OCIImage

/// What one locator names: a module, and those that it brings along as its parts.
package struct ModulePackage: Sendable {
    package var main: BuildpackReference
    /// The main one and the others, sorted.
    package var modules: [Module]
    /// What the package says of its main module.
    package var description: String?
    /// What all of it works on (H-5).
    package var stacks: [Stack]
    /// Nil for a folder.
    package var image: Digest?

    /// A single folder.
    package init(_ folder: ModuleFolder) {
        main = folder.reference
        modules = [Module(folder)]
        description = folder.info.description
        stacks = folder.stacks
    }

    /// A package image (H-8). `name` is what messages call it.
    package init(_ image: Image, kind: ModuleKind, name: String) throws(Fault) {
        let labels = image.config.settings.labels
        guard let text = labels[LabelName.buildpackageMetadata] else { throw Self.noPackage(labels, kind, name) }
        let wanted = kind == .buildpack ? LabelName.buildpackLayers : LabelName.extensionLayers
        guard let layersText = labels[wanted] else {
            let other = kind == .buildpack ? LabelName.extensionLayers : LabelName.buildpackLayers
            throw Fault(
                "'\(name)' is no package of \(kind.article): it has no label '\(wanted)'",
                hint: labels[other] == nil ? nil : "it is a package of \(kind.other.article)")
        }
        do {
            let metadata = try BuildpackageMetadata(label: LabelName.buildpackageMetadata, text: text)
            main = BuildpackReference(id: try BuildpackID(metadata.id), version: try BuildpackVersion(metadata.version))
            modules = try BuildpackLayers(label: wanted, text: layersText).modules(kind, of: image)
            if case .string(let text)? = metadata.unknown["description"] { description = text }
            stacks = metadata.stacks
            self.image = image.digest
        } catch {
            throw Fault("the package '\(name)' is damaged", cause: error)
        }
        guard modules.contains(where: { $0.reference == main }) else {
            throw Fault("the package '\(name)' is damaged: its label '\(wanted)' lacks its own \(kind.rawValue) '\(main)'")
        }
    }

    private static func noPackage(_ labels: [String: String], _ kind: ModuleKind, _ name: String) -> Fault {
        let isBuilder = labels[LabelName.builderMetadata] != nil
        return Fault(
            "'\(name)' is no package of \(kind.article): it has no label '\(LabelName.buildpackageMetadata)'",
            hint: isBuilder
                ? "it is a builder: name it with --builder, and its buildpacks by their ids"
                : "make a package with 'tote \(kind.rawValue) package'")
    }
}

extension ModuleKind {
    /// For messages: "a buildpack".
    var article: String { self == .buildpack ? "a buildpack" : "an extension" }
    var other: ModuleKind { self == .buildpack ? .extension : .buildpack }
}

extension BuildpackLayers {
    /// Every module of the label with the layer of `image` that holds it, sorted.
    func modules(_ kind: ModuleKind, of image: Image) throws(Fault) -> [Module] {
        let layers = Dictionary(image.layers.map { ($0.diffID.description, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [Module] = []
        for (id, versions) in modules {
            for (version, record) in versions {
                let reference = BuildpackReference(id: try BuildpackID(id), version: try BuildpackVersion(version))
                guard let layer = layers[record.layerDiffID] else {
                    throw Fault("the layer of '\(reference)' ('\(record.layerDiffID)') is not in the image")
                }
                guard let api = APIVersion(record.api) else { throw Fault("the API version '\(record.api)' of '\(reference)' is none") }
                var info = ModuleInfo(api: api, reference: reference, homepage: record.homepage)
                info.name = record.name
                found.append(Module(kind, info, record: record, layer: layer, of: image))
            }
        }
        return found.sorted { $0.reference < $1.reference }
    }
}
