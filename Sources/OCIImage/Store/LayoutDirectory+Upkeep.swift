import Archive
import Diagnostics
import Glibc

extension LayoutDirectory {
    /// Adds the blob and all that it names. False when it is no readable manifest or index.
    func mark(_ digest: Digest, _ reachable: inout Set<Digest>) throws -> Bool {
        guard reachable.insert(digest).inserted else { return true }
        guard let size = HostFile.size(blobPath(digest)), size <= Int64(Manifest.sizeLimit),
            let bytes = try document(digest, limit: Manifest.sizeLimit), let links = DocumentLinks(bytes)
        else { return false }
        for blob in links.blobs { reachable.insert(blob.digest) }
        // The images of an index may be missing: a pull takes one platform.
        for manifest in links.manifests { _ = try mark(manifest.digest, &reachable) }
        return true
    }

    /// Returns the bytes freed. What is no blob stays.
    func removeBlobs(except kept: Set<Digest>) throws -> Int64 {
        var freed: Int64 = 0
        for name in try HostFile.names(in: blobDirectory) {
            guard let digest = Digest("sha256:\(name)"), !kept.contains(digest) else { continue }
            let path = blobPath(digest)
            let size = HostFile.size(path) ?? 0
            guard unlink(path) == 0 else { throw Fault(system: "removing '\(path)'") }
            freed += size
        }
        return freed
    }

    /// Removes the blobs that the index does not lead to; nothing when it leads to a manifest that cannot be read, as nobody knows what that needs.
    func removeUnreachable() throws {
        var reachable: Set<Digest> = []
        for entry in try index().manifests {
            guard try mark(entry.digest, &reachable) else { return }
        }
        _ = try removeBlobs(except: reachable)
    }
}
