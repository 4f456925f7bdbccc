import Archive
package import CNBSpec
package import OCIImage

/// A buildpack or an extension that comes from somewhere: what it is, and where its files are.
package struct Module: Sendable {
    package enum Contents: Sendable {
        /// A folder of this machine.
        case folder(ModuleFolder)
        /// A layer of an image, with the files at ``Module/imagePath``; other modules may share it (H-9).
        case layer(ImageLayer, of: Image)
    }

    package let kind: ModuleKind
    package let info: ModuleInfo
    /// Of a composite buildpack.
    package let order: [OrderGroup]
    package let stacks: [Stack]
    package let targets: [Target]
    /// What it runs on when everything is taken into account (B-21 to B-24); empty means anything.
    package let effectiveTargets: [Target]
    package let contents: Contents

    package var reference: BuildpackReference { info.reference }

    package init(_ folder: ModuleFolder) {
        kind = folder.kind
        info = folder.info
        order = folder.order
        stacks = folder.stacks
        targets = folder.targets
        effectiveTargets = folder.effectiveTargets
        contents = .folder(folder)
    }

    /// A module of a package or builder, as the layers label has it. Files are not looked at, so a module that runs is taken for one of Linux.
    init(_ kind: ModuleKind, _ info: ModuleInfo, record: ModuleLayer, layer: ImageLayer, of image: Image) {
        self.kind = kind
        self.info = info
        order = record.order
        stacks = record.stacks
        targets = record.targets
        var descriptor = BuildpackDescriptor(info: info, order: order, targets: targets, stacks: stacks)
        if kind == .extension { descriptor.stacks = [] }
        effectiveTargets = descriptor.effectiveTargets(hasBuildExecutable: true)
        contents = .layer(layer, of: image)
    }

    /// `/cnb/buildpacks/acme_node/1.2.3` (B-6).
    package var imagePath: String { Self.imagePath(kind, reference) }

    static func imagePath(_ kind: ModuleKind, _ reference: BuildpackReference) -> String {
        "\(idPath(kind, reference))/\(reference.version)"
    }

    static func idPath(_ kind: ModuleKind, _ reference: BuildpackReference) -> String {
        "/cnb/\(kind.rawValue)s/\(reference.id.escaped)"
    }

    /// What a layers label says of it (H-4).
    func record(_ diffID: DiffID) -> ModuleLayer {
        var record = ModuleLayer(api: info.api.description, layerDiffID: diffID.description)
        record.homepage = info.homepage
        record.name = info.name
        record.stacks = stacks
        record.targets = targets
        record.order = order
        return record
    }
}
