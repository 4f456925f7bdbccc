import Archive
package import CNBSpec
import Diagnostics
import Glibc

/// A buildpack or extension that lies in a folder of this machine.
package struct ModuleFolder: Sendable {
    package let kind: ModuleKind
    package let reference: BuildpackReference
    package let info: ModuleInfo
    /// Of a composite buildpack.
    package let order: [OrderGroup]
    package let stacks: [Stack]
    package let targets: [Target]
    /// What it runs on when everything is taken into account (B-21 to B-24); empty means anything.
    package let effectiveTargets: [Target]
    /// What is odd about its descriptor.
    package let unknownKeys: [UnknownKey]
    let directory: ConfinedDirectory

    /// Reads the descriptor and checks what packaging demands (B-3, B-4) and that tote can run it (V-6).
    ///
    /// `shown` is what messages call the folder, when its path would tell a reader nothing.
    package init(_ kind: ModuleKind, at path: String, shown: String? = nil) throws {
        self.kind = kind
        let shown = shown ?? path
        let file = "\(kind.rawValue).toml"
        let directory: ConfinedDirectory
        do {
            directory = try ConfinedDirectory(path, shown: shown)
        } catch {
            throw Fault("the \(kind.rawValue) '\(shown)' cannot be read", cause: error)
        }
        self.directory = directory
        guard let bytes = try directory.readIfPresent(file, limit: 1 << 20) else {
            throw Fault("'\(shown)' is no \(kind.rawValue): it has no \(file)", hint: "name the folder that holds \(file) and bin/")
        }
        let source = DocumentSource(file: "\(shown)/\(file)", bytes: bytes)
        switch kind {
        case .buildpack:
            let descriptor = try BuildpackDescriptor(reading: source)
            try descriptor.requirePackageable()
            info = descriptor.info
            order = descriptor.order
            stacks = descriptor.stacks
            targets = descriptor.targets
            unknownKeys = descriptor.unknownKeys
            let hasBuild = try directory.status("bin/build")?.kind == .file
            guard hasBuild || descriptor.isComposite else {
                throw Fault(
                    "the buildpack '\(descriptor.reference)' in '\(shown)' has no bin/build",
                    hint: "add it, or an [[order]] of other buildpacks")
            }
            effectiveTargets = descriptor.effectiveTargets(hasBuildExecutable: hasBuild)
        case .extension:
            let descriptor = try ExtensionDescriptor(reading: source)
            info = descriptor.info
            order = []
            stacks = []
            targets = descriptor.targets
            unknownKeys = descriptor.unknownKeys
            let hasExecutable = try ["bin/detect", "bin/generate"].contains { try directory.status($0)?.kind == .file }
            effectiveTargets = descriptor.effectiveTargets(hasExecutable: hasExecutable)
        }
        reference = info.reference
        try SupportedAPIs.require(buildpackAPI: info.api, of: reference, kind: kind)
    }

    /// H-2: the folder's files below directories of id and version, with root's ownership and only two modes.
    func write(to layer: LayerWriter) throws {
        try layer.append(TarHeader(path: RawPath(Module.idPath(kind, reference)), kind: .directory, mode: 0o755))
        let root = RawPath(Module.imagePath(kind, reference))
        try directory.walk { entry, open in
            let path = root.appending(entry.path)
            switch entry.status.kind {
            case .directory:
                try layer.append(TarHeader(path: path, kind: .directory, mode: 0o755))
            case .symbolicLink:
                try layer.append(TarHeader(path: path, kind: .symbolicLink, mode: 0o777, linkTarget: entry.linkTarget ?? ""))
            case .file:
                let file = try open()
                defer { close(file) }
                let mode: UInt32 = entry.status.mode & 0o111 != 0 || Self.isEntryPoint(entry.path) ? 0o755 : 0o644
                try layer.append(TarHeader(path: path, kind: .file, mode: mode, size: entry.status.size), file: file)
            case .socket:
                break
            case .fifo, .characterDevice, .blockDevice:
                throw Fault(
                    "the \(kind.rawValue) '\(reference)' holds '\(entry.path)', which is neither file, folder nor link", hint: "remove it")
            }
            return .descend
        }
    }

    private static func isEntryPoint(_ path: RawPath) -> Bool {
        [RawPath("bin/detect"), "bin/build", "bin/generate"].contains(path)
    }
}
