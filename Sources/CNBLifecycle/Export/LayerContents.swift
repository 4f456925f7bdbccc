package import Archive
import Diagnostics
import Glibc

/// What goes into one layer of an image, as a value. Writing it twice gives the same bytes twice.
package enum LayerContents: Sendable {
    /// A directory with its parents: a buildpack's layer, the launch SBOMs, the launcher's configuration (D-42, D-43).
    case directory(path: String)
    /// Chosen entries of the app directory, relative to it, in order (D-50). None at all is an empty layer.
    case app(path: String, entries: [RawPath])
    /// The launcher executable of this tote (D-46).
    case launcher(hostPath: String)
    /// One link to the launcher for each process type, in order (D-47).
    case processTypes([String])

    /// Of the app: what the layer has of it.
    var entries: [RawPath] {
        if case .app(_, let entries) = self { return entries }
        return []
    }
}

/// Writes layer contents in the reference's tar form, so that diffIDs are equal to its own.
package struct LayerContentsWriter: Sendable {
    /// The root that directories are read from.
    package let root: ConfinedDirectory
    /// The owner of everything in layers and app; parents of those too, since the build user made them.
    package let owner: Ownership

    package init(root: ConfinedDirectory, owner: Ownership) {
        self.root = root
        self.owner = owner
    }

    /// - Parameters:
    ///   - earlier: what a directory was when the blob that the writer knows was made.
    ///   - check: called before each entry of a tree; what it throws ends the writing.
    package func write(
        _ contents: LayerContents, to writer: LayerWriter, earlier: EarlierTree? = nil, check: () throws -> Void = {}
    ) throws {
        switch contents {
        case .directory(let path):
            try writeParents(of: path, to: writer)
            try writer.append(tree: root, path, at: RawPath(path), owner: owner, earlier: earlier, check: check)
        case .app(let path, let entries):
            try writeApp(path, entries: entries, to: writer, check)
        case .launcher(let hostPath):
            try writeLauncher(hostPath, to: writer)
        case .processTypes(let types):
            try writer.append(systemDirectory("/cnb"))
            try writer.append(systemDirectory("/cnb/process"))
            for type in types {
                let link = RawPath("/cnb/process/" + type)
                try writer.append(TarHeader(path: link, kind: .symbolicLink, mode: 0o755, linkTarget: "/cnb/lifecycle/launcher"))
            }
        }
    }

    /// Parents are written with the mode that the phases give them (0755), whatever a buildpack made of them since.
    private func writeParents(of path: String, to writer: LayerWriter) throws {
        var parent = ""
        for component in path.split(separator: "/").dropLast() {
            parent += "/" + component
            try writer.append(TarHeader(path: RawPath(parent), kind: .directory, mode: 0o755, owner: owner))
        }
    }

    private func writeApp(_ path: String, entries: [RawPath], to writer: LayerWriter, _ check: () throws -> Void) throws {
        let app = try root.directory(path)
        for relative in entries {
            // One entry each: what is below a directory has entries of its own.
            try check()
            try app.walk(relative.isEmpty ? "." : relative) { entry, open in
                _ = try writer.append(entry, open, at: RawPath(path).appending(relative), owner: owner)
                return .skip
            }
        }
    }

    private func writeLauncher(_ hostPath: String, to writer: LayerWriter) throws {
        try writer.append(systemDirectory("/cnb"))
        try writer.append(systemDirectory("/cnb/lifecycle"))
        let bytes = try Self.launcher(hostPath)
        let header = TarHeader(path: "/cnb/lifecycle/launcher", kind: .file, mode: 0o755, size: Int64(bytes.count))
        try writer.append(header, contents: bytes)
    }

    /// The host's own file, not a build's: links on the way to it are followed wherever they lead, as package managers make them.
    private static func launcher(_ hostPath: String) throws -> [UInt8] {
        guard let resolved = realpath(hostPath, nil) else { throw Fault(system: "finding the launcher '\(hostPath)'") }
        defer { free(resolved) }
        return try ConfinedDirectory("/").read(String(cString: resolved))
    }

    private func systemDirectory(_ path: RawPath) -> TarHeader {
        TarHeader(path: path, kind: .directory, mode: 0o755)
    }
}
