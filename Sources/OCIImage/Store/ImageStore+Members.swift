package import Archive
import Diagnostics

extension ImageStore {
    private var memberFolder: String { "\(path)/members" }

    /// What is remembered of how a blob was compressed, for layers that differ from it in few files. Nil when nothing is, or when it cannot be
    /// read: it is only a memory.
    package func knownMembers(of blob: Digest) -> KnownMembers? {
        guard let bytes = try? HostFile.read("\(memberFolder)/\(blob.hex)", limit: 64 << 20), let index = MemberIndex(bytes) else {
            return nil
        }
        return KnownMembers(index, blob: layout.blobPath(blob))
    }

    /// Remembers where the members of a blob are.
    package func remember(_ members: MemberIndex, of blob: Digest) throws {
        try HostFile.makeDirectories(memberFolder, mode: 0o700)
        let file = try temporaries.create()
        try file.write(members.bytes)
        try file.rename(to: "\(memberFolder)/\(blob.hex)")
    }

    /// Forgets blobs that are gone.
    func forgetMembersOfRemovedBlobs() throws {
        guard try HostFile.status(memberFolder) != nil else { return }
        for name in try HostFile.names(in: memberFolder) where HostFile.size("\(layout.blobDirectory)/\(name)") == nil {
            try HostFile.remove("\(memberFolder)/\(name)")
        }
    }
}
