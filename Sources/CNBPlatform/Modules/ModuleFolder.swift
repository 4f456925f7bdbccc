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
    /// The descriptor of a target's folder that has none of its own: a copy of the one above (H-18).
    private let inheritedDescriptor: [UInt8]?

    /// Reads the descriptor and checks what packaging demands (B-3, B-4) and that tote can run it (V-6).
    ///
    /// - Parameters:
    ///   - shown: what messages call the folder, when its path would tell a reader nothing.
    ///   - target: chooses among the folders of a module for several systems (H-18). Nil for the descriptor alone: then there need not be
    ///     anything to run.
    init(_ kind: ModuleKind, at path: String, shown: String? = nil, for target: ModuleTarget?) throws {
        self.kind = kind
        let shown = shown ?? path
        let file = "\(kind.rawValue).toml"
        let top: ConfinedDirectory, directory: ConfinedDirectory
        do {
            top = try ConfinedDirectory(path, shown: shown)
            let root = try Self.root(kind, in: top, for: target)
            directory = root.isEmpty ? top : try ConfinedDirectory("\(path)/\(root)", shown: "\(shown)/\(root)")
        } catch {
            throw Fault("the \(kind.rawValue) '\(shown)' cannot be read", cause: error)
        }
        self.directory = directory
        let own = try directory.readIfPresent(file, limit: 1 << 20)
        let inherited = try own == nil ? top.readIfPresent(file, limit: 1 << 20) : nil
        inheritedDescriptor = inherited
        guard let bytes = own ?? inherited else {
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
            guard hasBuild || descriptor.isComposite || target == nil else {
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

    /// H-18: the folder for a target, which is the deepest that is there and holds something to run; empty for the module's own.
    static func root(_ kind: ModuleKind, in directory: ConfinedDirectory, for target: ModuleTarget?) throws -> String {
        var root = "", path = ""
        for name in target?.folders ?? [] {
            path += path.isEmpty ? name : "/\(name)"
            guard !name.contains("/"), name != "..", try directory.status(path, followingLinks: false)?.kind == .directory else { break }
            let marks = ["\(path)/bin", "\(path)/\(kind.rawValue).toml"]
            if try marks.contains(where: { try directory.status($0, followingLinks: false) != nil }) { root = path }
        }
        return root
    }

    /// H-2: the folder's files below directories of id and version, with root's ownership and only two modes.
    ///
    /// The directory of the id is left out where the layer has it already.
    func write(to layer: LayerWriter, withIDDirectory: Bool = true) throws {
        if withIDDirectory {
            try layer.append(TarHeader(path: RawPath(Module.idPath(kind, reference)), kind: .directory, mode: 0o755))
        }
        let root = RawPath(Module.imagePath(kind, reference))
        let descriptor = RawPath("\(kind.rawValue).toml")
        var inherited = inheritedDescriptor
        func writeInherited() throws {
            guard let bytes = inherited else { return }
            try layer.append(TarHeader(path: root.appending(descriptor), kind: .file, mode: 0o644), contents: bytes)
            inherited = nil
        }
        try directory.walk { entry, open in
            // Where a file of that name would stand: the layer is the same as with a copy.
            if let first = entry.path.components.first, descriptor < first { try writeInherited() }
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
        try writeInherited()
    }

    private static func isEntryPoint(_ path: RawPath) -> Bool {
        [RawPath("bin/detect"), "bin/build", "bin/generate"].contains(path)
    }
}
