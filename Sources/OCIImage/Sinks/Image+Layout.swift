import Diagnostics
import Glibc

extension Image {
    /// Writes the image into an OCI layout directory, `oci:DIRECTORY[:TAG]`, made when it is missing (K-11).
    ///
    /// Images under other tags stay; one under the same tag, or without one, gives way. Blobs that are there are not written again.
    ///
    /// - Parameter isVerifying: whether those are read first: one that is damaged is written again.
    package func write(toLayout directory: String, tag: String?, isVerifying: Bool = false) async throws {
        try await NamedImages.image(self).write(toLayout: directory, tag: tag, isVerifying: isVerifying)
    }

    /// The same for a folder that nobody else keeps images in: blobs that its index does not lead to any more are removed. Writers wait for
    /// each other and for readers that hold a ``LayoutLock``; who has to wait calls `waiting` once.
    package func write(toOwnLayout directory: String, tag: String, waiting: @Sendable () -> Void) async throws {
        let (layout, temporaries) = try LayoutDirectory.prepared(directory)
        let lock = try await LayoutLock(directory, .exclusive, waiting: waiting)
        defer { lock?.release() }
        try await NamedImages.image(self).write(to: layout, temporaries, tag: tag, isVerifying: true)
        try layout.removeUnreachable()
    }

    /// The file of a layer; nil for one that need not be at hand and is not.
    func path(of layer: Descriptor) async throws -> String? {
        do {
            return try await blobs.blob(layer)
        } catch  where !layer.mediaType.isDistributable {
            return nil
        }
    }
}

extension NamedImages {
    /// The same for an image or an index. The name changes when everything is there.
    package func write(toLayout directory: String, tag: String?, isVerifying: Bool = false) async throws {
        let (layout, temporaries) = try LayoutDirectory.prepared(directory)
        try await write(to: layout, temporaries, tag: tag, isVerifying: isVerifying)
    }

    fileprivate func write(to layout: LayoutDirectory, _ temporaries: TemporaryFiles, tag: String?, isVerifying: Bool) async throws {
        for image in images { try await layout.add(image, temporaries, isVerifying: isVerifying) }
        if case .index(let index) = self { try layout.put(index.bytes, temporaries) }
        try layout.updateIndex(temporaries) { index in
            index.manifests.removeAll { $0.layoutName == tag }
            index.manifests.append(descriptor.named(tag))
        }
    }
}

extension LayoutDirectory {
    /// The layout in a folder that may be new.
    fileprivate static func prepared(_ directory: String) throws -> (LayoutDirectory, TemporaryFiles) {
        let layout = LayoutDirectory(path: directory)
        let temporaries = TemporaryFiles(in: directory, prefix: TemporaryFiles.outputPrefix)
        try layout.checkUsable()
        try layout.create(mode: 0o777, temporaries: temporaries)
        return (layout, temporaries)
    }

    /// Brings the blobs and documents of an image, without a name.
    fileprivate func add(_ image: Image, _ temporaries: TemporaryFiles, isVerifying: Bool) async throws {
        for layer in image.manifest.layers {
            if contains(layer), try !isVerifying || HostFile.digest(blobPath(layer.digest)) == layer.digest { continue }
            guard let source = try await image.path(of: layer) else { continue }
            let file = try temporaries.create(mode: 0o666)
            try HostFile.copy(source, size: layer.size, to: file.descriptor, file.path)
            try file.rename(to: blobPath(layer.digest))
        }
        try put(image.configBytes, temporaries)
        try put(image.manifestBytes, temporaries)
    }

    /// Refuses a folder that holds something else, before anything is written into it.
    func checkUsable() throws {
        guard let status = try HostFile.status(path) else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Fault("'\(path)' is not a folder") }
        let names = try HostFile.names(in: path)
        guard names.contains("oci-layout") else {
            // Another process may be making the same layout right now.
            if let stranger = names.first(where: { !["blobs", "index.json"].contains($0) && !$0.hasPrefix(TemporaryFiles.outputPrefix) }) {
                throw Fault("'\(path)' is not an OCI layout and not empty: it has '\(stranger)'", hint: "name an empty or a new folder")
            }
            return
        }
        try checkVersion()
    }

    func checkVersion() throws {
        struct Marker: Decodable { var imageLayoutVersion: String? }
        guard let bytes = try HostFile.read("\(path)/oci-layout", limit: 1 << 16) else {
            throw Fault("'\(path)' is not an OCI layout: it has no file 'oci-layout'")
        }
        let marker = try CanonicalJSON.decode(Marker.self, from: bytes, limit: 1 << 16, what: "'\(path)/oci-layout'")
        guard marker.imageLayoutVersion == "1.0.0" else {
            throw Fault("'\(path)' is an OCI layout of version '\(marker.imageLayoutVersion ?? "")', only 1.0.0 is known")
        }
    }
}
