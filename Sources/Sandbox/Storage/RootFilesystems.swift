package import Archive
import Diagnostics
import Dispatch
import Glibc
package import OCIImage

/// What ``RootFilesystems`` tells while it works.
package enum RootFilesystemEvent: Equatable, Sendable {
    /// A layer is being unpacked; `size` is that of the compressed blob in bytes.
    case unpacking(DiffID, size: Int64)
    case unpacked(DiffID)
}

/// Unpacked image layers, `$TOTE_HOME/rootfs/<diffID>/`, shared by every build that uses them and never changed.
///
/// A layer appears by a rename after its DiffID was verified, so it is there whole or not at all, and two processes that unpack the same one do
/// no harm. Where only one id exists, layers are kept apart from those with owners, in `single/`.
package final class RootFilesystems: Sendable {
    private static let unfinished = "unfinished-"
    private static let single = "single"
    private let path: String
    private let mode: NamespaceMode

    /// `path`: created when missing.
    package init(at path: String, mode: NamespaceMode) throws {
        self.path = mode == .single ? "\(path)/\(Self.single)" : path
        self.mode = mode
        try UniqueFolder.createAll(self.path)
        try LockedFolder.sweep(self.path, prefix: Self.unfinished)
    }

    /// Where a layer is or will be.
    package func path(of layer: DiffID) -> String { "\(path)/\(layer.digest.hex)" }

    package func contains(_ layer: DiffID) -> Bool { access(path(of: layer), F_OK) == 0 }

    /// The unpacked layers of an image, top first, as an overlay wants its lowers; those that are missing are unpacked, several at a time.
    package func unpacked(
        _ image: Image, progress: @escaping @Sendable (RootFilesystemEvent) -> Void = { _ in }
    ) async throws -> [String] {
        try await unpacked(image.layers.reversed(), of: image, progress: progress)
    }

    /// Some of an image's layers, each once, in the given order.
    package func unpacked(
        _ layers: [ImageLayer], of image: Image, progress: @escaping @Sendable (RootFilesystemEvent) -> Void = { _ in }
    ) async throws -> [String] {
        // An overlay refuses a directory that it has already. The upper of two equal layers hides all of the lower one.
        var seen: Set<DiffID> = []
        let layers = layers.filter { seen.insert($0.diffID).inserted }
        try await withThrowingTaskGroup(of: Void.self) { group in
            var missing = layers.filter { !contains($0.diffID) }
            var running = 0
            while !missing.isEmpty || running > 0 {
                while running < Self.parallel, let layer = missing.popLast() {
                    running += 1
                    group.addTask { try await self.unpack(layer, from: image.blobs, progress) }
                }
                try await group.next()
                running -= 1
            }
        }
        return layers.map { path(of: $0.diffID) }
    }

    private static let parallel = 4

    private func unpack(_ layer: ImageLayer, from blobs: any BlobSource, _ progress: @escaping @Sendable (RootFilesystemEvent) -> Void)
        async throws
    {
        let blob = try await blobs.blob(layer.descriptor)
        try Task.checkCancellation()
        progress(.unpacking(layer.diffID, size: layer.descriptor.size))
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // Unpacking blocks, so it does not belong on Swift's own threads.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try self.unpack(layer.diffID, blob: blob) })
            }
        }
        progress(.unpacked(layer.diffID))
    }

    /// Unpacks one layer from the file `blob`. Losing a race against another process is no error.
    package func unpack(_ layer: DiffID, blob: String) throws {
        let folder = try LockedFolder(in: path, prefix: Self.unfinished)
        do {
            try fill(folder.path, with: layer, from: blob)
            try folder.publish(as: path(of: layer))
        } catch {
            // The first error is the one to tell; what cannot be removed now is swept by a later run.
            try? folder.remove()
            throw error
        }
    }

    private func fill(_ folder: String, with layer: DiffID, from blob: String) throws {
        let descriptor = open(blob, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(system: "opening the layer '\(blob)'") }
        defer { close(descriptor) }
        let options = Unpacking(ownership: mode.ownership, whiteouts: .overlay(userXattr: OverlayAttributes.areUnprivileged))
        let found: DiffID
        do { found = try Archive.unpack(LayerReader(descriptor: descriptor), into: ConfinedDirectory(folder), options) } catch {
            throw Fault("unpacking layer \(layer)", cause: error)
        }
        guard found == layer else {
            throw Fault(
                "layer \(layer) holds other contents than its image says: they have the digest \(found)",
                hint: "the image is damaged or was tampered with: get it again from its source")
        }
        chmod(folder, 0o755)
    }

    /// Removes the unpacked layers but these, as far as this mode has the rights to: where only one id exists, only the layers of that. No
    /// build may be running.
    package func remove(except kept: Set<DiffID>) throws {
        let hexes = Set(kept.map(\.digest.hex))
        for folder in [path, "\(path)/\(Self.single)"] where access(folder, F_OK) == 0 {
            for name in try ConfinedDirectory(folder).names("").map(\.string)
            where name != Self.single && !name.hasPrefix(Self.unfinished) && !hexes.contains(name) {
                try LockedFolder.discard("\(folder)/\(name)", as: Self.unfinished)
            }
            try LockedFolder.sweep(folder, prefix: Self.unfinished)
        }
    }
}
