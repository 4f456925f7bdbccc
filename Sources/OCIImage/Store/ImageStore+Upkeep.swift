package import Archive
import Diagnostics
import Glibc

extension ImageStore {
    /// Hashes every blob and follows every name. Returns what is wrong, one line each; empty when the store is sound.
    package func validate() throws -> [String] {
        var problems: [String] = []
        var damaged: Set<Digest> = []
        for name in try HostFile.names(in: layout.blobDirectory) {
            let path = "\(layout.blobDirectory)/\(name)"
            guard let digest = Digest("sha256:\(name)") else {
                problems.append("'\(path)' is not a blob")
                continue
            }
            // A blob that another process removed meanwhile is no problem.
            guard let actual = try HostFile.digest(path), actual != digest else { continue }
            damaged.insert(digest)
            problems.append("blob \(digest) is damaged: its content has the digest \(actual)")
        }
        for entry in try layout.index().manifests {
            let name = entry.layoutName ?? entry.digest.description
            guard let bytes = try document(entry.digest), let links = DocumentLinks(bytes) else {
                problems.append("'\(name)': its manifest \(entry.digest) is missing or damaged")
                continue
            }
            // What is kept without a name may lack layers, an index may lack images.
            guard entry.layoutName != nil, !links.isIndex else { continue }
            for blob in links.blobs where blob.mediaType.isDistributable && !damaged.contains(blob.digest) && !contains(blob) {
                problems.append("'\(name)': blob \(blob.digest) is missing or has another size than \(blob.size)")
            }
        }
        return problems
    }

    /// Removes the blobs that no entry of the index and no extra root leads to, and returns the bytes freed.
    ///
    /// An extra root may be a manifest, whose blobs then stay too, or any other blob; they are asked for once no build can add any. Builds in progress are waited for;
    /// when `waiting` is false, nothing is removed while there are any, and the answer is nil.
    package func removeUnreachable(keeping extraRoots: @autoclosure () throws -> Set<Digest> = [], waiting: Bool = true) throws -> Int64? {
        guard let lock = try lock(.exclusive, waiting: waiting) else { return nil }
        defer { lock.release() }
        return try removeUnreachable(keeping: try extraRoots(), under: lock)
    }

    /// The same for who holds the lock, exclusively, already.
    package func removeUnreachable(keeping extraRoots: Set<Digest>, under lock: StoreLock) throws -> Int64 {
        var reachable: Set<Digest> = []
        for entry in try layout.index().manifests {
            guard try layout.mark(entry.digest, &reachable) else {
                // Nobody knows what a lost manifest named, so removing anything could remove too much.
                let name = entry.layoutName ?? entry.digest.description
                throw Fault(
                    "nothing was removed: the manifest of '\(name)' in the store '\(path)' is missing or damaged",
                    hint: "remove that image, or build or pull it again")
            }
        }
        for root in extraRoots { _ = try layout.mark(root, &reachable) }

        let freed = try temporaries.removeAbandoned() + layout.removeBlobs(except: reachable)
        try forgetMembersOfRemovedBlobs()
        try forgetEncodingsOfRemovedBlobs()
        return freed
    }

    /// The layers of all images that the index or an extra root names, as far as their documents are there.
    package func diffIDs(with extraRoots: Set<Digest>) throws -> Set<DiffID> {
        var seen: Set<Digest> = [], found: Set<DiffID> = []
        var waiting = try layout.index().manifests.map(\.digest) + extraRoots
        while let digest = waiting.popLast() {
            guard seen.insert(digest).inserted, let size = HostFile.size(layout.blobPath(digest)), size <= Int64(Manifest.sizeLimit),
                let bytes = try document(digest), let links = DocumentLinks(bytes)
            else { continue }
            if links.isIndex {
                waiting += links.manifests.map(\.digest)
            } else if let image = try? image(digest) {
                found.formUnion(image.layers.map(\.diffID))
            }
        }
        return found
    }
}
