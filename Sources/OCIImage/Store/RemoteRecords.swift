package import Archive
import Diagnostics
import Glibc

/// What a registry said about a reference, the last time it was asked.
package struct RemoteRecord: Equatable, Sendable, Codable {
    package var reference: Reference
    /// What was asked for.
    package var platform: Platform
    /// What the registry answered: the digest of an index or of an image.
    package var resolved: Digest
    /// Of the image for that platform.
    package var digest: Digest
    package var mediaType: MediaType
    package var size: Int64
    /// Seconds since 1970.
    package var checked: Int64

    package init(
        reference: Reference, platform: Platform = .host, resolved: Digest, digest: Digest, mediaType: MediaType, size: Int64,
        checked: Int64
    ) {
        self.reference = reference
        self.platform = platform
        self.resolved = resolved
        self.digest = digest
        self.mediaType = mediaType
        self.size = size
        self.checked = checked
    }
}

/// The memory of pulled references: one small file each with a record per platform, replaced as a whole. They are not names in the store,
/// so a pulled image never hides one that was built under the same name.
package struct RemoteRecords: Sendable {
    package let path: String
    private let temporaries: TemporaryFiles

    package init(at path: String) throws {
        self.path = path
        temporaries = TemporaryFiles(in: path, prefix: "new-")
        try HostFile.makeDirectories(path, mode: 0o700)
        temporaries.removeAbandoned()
    }

    private func file(_ reference: Reference) -> String {
        "\(path)/\(Digest.of(Array(reference.full.utf8)).hex).json"
    }

    /// Nil when the reference was never pulled, or its record cannot be read: it is only a memory.
    package func record(for reference: Reference, platform: Platform = .host) -> RemoteRecord? {
        records(for: reference).first { $0.platform == platform }
    }

    /// What was pulled under this reference, for whatever platform.
    package func records(for reference: Reference) -> [RemoteRecord] {
        read(file(reference)).filter { $0.reference == reference }
    }

    /// Takes the place of what was known of that reference for that platform. Of two runs that remember something of the same reference at
    /// the same moment, one is forgotten: it costs a question to the registry.
    package func remember(_ record: RemoteRecord) throws {
        let others = records(for: record.reference).filter { $0.platform != record.platform }
        let file = try temporaries.create()
        try file.write(try CanonicalJSON.encode([record] + others))
        try file.rename(to: self.file(record.reference))
    }

    /// Notes that a command uses what was pulled under this reference: the time of the file says when that was last.
    package func noteUse(_ reference: Reference) { utimensat(AT_FDCWD, file(reference), nil, 0) }

    /// Seconds since 1970; nil when the reference was never pulled.
    package func lastUse(_ reference: Reference) throws -> Int64? {
        try HostFile.status(file(reference)).map { Int64($0.st_mtim.tv_sec) }
    }

    package func forget(_ reference: Reference) throws { try HostFile.remove(file(reference)) }

    /// By full name. Their digests are roots when unreachable blobs are removed.
    package func all() throws -> [RemoteRecord] {
        try HostFile.names(in: path)
            .filter { $0.hasSuffix(".json") }
            .flatMap { read("\(path)/\($0)") }
            .sorted { $0.reference.full < $1.reference.full }
    }

    private func read(_ file: String) -> [RemoteRecord] {
        guard let bytes = try? HostFile.read(file, limit: 1 << 20) else { return [] }
        return (try? CanonicalJSON.decode([RemoteRecord].self, from: bytes, limit: 1 << 20, what: "")) ?? []
    }
}
