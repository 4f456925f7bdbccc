import Archive
import AsyncHTTPClient
import Diagnostics
import NIOCore
import NIOHTTP1
package import OCIImage

extension DockerClient {
    /// Gives the daemon an image under these names, taking them from images that had them.
    ///
    /// A daemon that has the image already gets names only, unless it keeps images by blobs, where that would prove nothing.
    /// Docker's classic image store does not get the layers that images of its own begin with. `relatives` are images that it may
    /// have and that this one stands on: the run image, the previous image; the list of its images is looked through as well.
    /// Other stores get every layer. Afterwards the daemon is asked what the names stand for; when that is not this image, or a
    /// partial archive was refused, the whole image is sent, and then has to be right.
    package func load(_ image: Image, as references: [Reference], relatives: [Reference] = []) async throws -> DockerLoad {
        let names = try references.map { try $0.nameToGive() }
        var sent: Int64 = 0
        if daemon.imageStore != .containerd, let done = try await rename(image, names) { return done }
        if daemon.imageStore == .classic {
            let known = try await knownLayers(of: image, names + relatives)
            if known > 0 {
                do {
                    return try await send(image, names, leavingOut: known, sent: &sent)
                } catch let error as DockerError where error.kind == .rejected || error.kind == .corrupted || error.kind == .interrupted {
                    report(.sendingEverything(reason: error.message))
                }
            }
        }
        return try await send(image, names, leavingOut: 0, sent: &sent)
    }

    /// Only gives names to an image that the daemon has as a whole. Nil when it has not, or something is odd about it.
    private func rename(_ image: Image, _ names: [Reference]) async throws -> DockerLoad? {
        let id = image.manifest.config.digest
        guard let found = try await inspect(id), found.id == id, found.diffIDs == image.config.diffIDs else { return nil }
        do {
            for name in names { try await tag(id, as: name) }
            return DockerLoad(id: try await checkedID(image, names), bytesSent: 0, layersKept: image.layers.count)
        } catch let error as DockerError where error.kind == .notFound || error.kind == .corrupted {
            // Removed by somebody else just now.
            return nil
        }
    }

    private func send(_ image: Image, _ names: [Reference], leavingOut known: Int, sent: inout Int64) async throws -> DockerLoad {
        let archive =
            daemon.imageStore == .containerd
            ? try await DockerArchive.layout(image, names: names)
            : try await DockerArchive.docker(image, names: names, leavingOut: known)
        sent += archive.size
        try await send(archive)
        let id = try await checkedID(image, names)
        report(.sent(bytes: archive.size, layersKept: known))
        return DockerLoad(id: id, bytesSent: sent, layersKept: known)
    }

    func send(_ archive: DockerArchive) async throws {
        let total = archive.size
        var request = DockerRequest(.POST, "/images/load", query: [("quiet", "1")])
        request.version = daemon.apiVersion
        request.body = .archive(archive) { self.report(.sending($0, of: total)) }
        let response = try await transport.response(to: request)
        var answer = LoadAnswer()
        try await transport.forEachPiece(of: response, to: request) { buffer in
            answer.append(buffer.readableBytesView)
            return true
        }
        answer.finish()
        if let failure = answer.failure {
            throw DockerError(
                .rejected, "\(request.summary(at: host)): the daemon refused the image: \(DockerError.printable(failure))",
                status: Int(response.status.code))
        }
    }

    /// The image's id, once every name is known to stand for exactly this image.
    private func checkedID(_ image: Image, _ names: [Reference]) async throws -> Digest {
        let wanted = image.manifest.config.digest
        var id = wanted
        for name in names {
            guard let found = try await inspect(name) else {
                throw DockerError(.corrupted, "the daemon at \(host) took the image, but has no '\(name.familiarTagged)' now")
            }
            // containerd's store gives other ids, and those of an archive that it had to convert are not foreseeable.
            let isRight =
                found.id == wanted
                || daemon.imageStore == .containerd && (found.id == image.digest || found.diffIDs == image.config.diffIDs)
            guard isRight else {
                throw DockerError(
                    .corrupted, "the daemon at \(host) made another image of '\(name.familiarTagged)': \(found.id), not \(wanted)")
            }
            id = found.id
        }
        return id
    }

    // MARK: what the daemon has

    /// How many of the image's lowest layers the daemon has in the same order: a layer is known by all those below it.
    private func knownLayers(of image: Image, _ relatives: [Reference]) async throws -> Int {
        let wanted = image.config.diffIDs
        var best = 0, seen: Set<Digest> = []
        func consider(_ found: DaemonImage?) {
            guard let found else { return }
            seen.insert(found.id)
            best = max(best, zip(wanted, found.diffIDs).prefix { $0 == $1 }.count)
        }
        for relative in relatives where best < wanted.count { consider(try await inspect(relative)) }
        guard best < wanted.count else { return best }
        // Newest first: they are the likeliest to be built like this one.
        for listed in try await list().prefix(Self.searchLimit) where best < wanted.count && !seen.contains(listed.id) {
            consider(try await inspect(listed.id))
        }
        return best
    }

    /// Images that are looked at; each costs about a millisecond.
    private static let searchLimit = 300
}
