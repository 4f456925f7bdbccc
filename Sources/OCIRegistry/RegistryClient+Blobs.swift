import Archive
import AsyncHTTPClient
import Diagnostics
import NIOCore
import NIOHTTP1
import OCIImage

extension RegistryClient {
    /// Whether the repository has the blob.
    func hasBlob(_ digest: Digest, in repository: RemoteRepository) async throws -> Bool {
        let request = RegistryRequest(.HEAD, repository.blob(digest))
        return try await retrying(at: repository) {
            let response = try await self.send(request, in: repository, wanted: [200, 404])
            await self.transport.discard(response, to: request)
            return response.status == .ok
        }
    }

    /// Streams a blob into the store; nil when the repository lacks it. Nothing stays behind unless digest and size are right.
    func download(_ descriptor: Descriptor, from repository: RemoteRepository, into store: ImageStore) async throws -> String? {
        let request = RegistryRequest(.GET, repository.blob(descriptor.digest))
        return try await retrying(at: repository) {
            let response = try await self.send(request, in: repository, wanted: [200, 404])
            guard response.status == .ok else {
                await self.transport.discard(response, to: request)
                return nil
            }
            return try await self.receive(response, to: request, descriptor, into: store)
        }
    }

    private func receive(_ response: HTTPClientResponse, to request: RegistryRequest, _ descriptor: Descriptor, into store: ImageStore)
        async throws -> String
    {
        func wrong(_ what: String) -> RegistryError {
            RegistryError(.corrupted, "\(request.summary): \(what)", hint: "the registry or something on the way changes what it serves")
        }
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int64($0) }), length != descriptor.size {
            throw wrong("the blob should have \(descriptor.size) bytes, the registry offers \(length)")
        }
        // Dropped without a commit, it leaves nothing behind.
        let ingest = try store.ingest()
        var progress = ProgressMeter(total: descriptor.size)
        do {
            for try await buffer in response.body {
                guard progress.add(buffer.readableBytes) else { throw wrong("the blob has more than its \(descriptor.size) bytes") }
                try buffer.withUnsafeReadableBytes { try ingest.append($0) }
                if progress.isDue { report(.downloading(descriptor.digest, received: progress.done, of: descriptor.size)) }
            }
            // A cancelled task sees the end of the body rather than an error.
            try Task.checkCancellation()
        } catch {
            throw RegistryError.explaining(error, request)
        }
        guard progress.done == descriptor.size else {
            throw RegistryError(.interrupted, "\(request.summary): the blob ended after \(progress.done) of \(descriptor.size) bytes")
        }
        do {
            try ingest.commit(expecting: descriptor.digest, size: descriptor.size)
        } catch let error as Fault {
            throw wrong(error.message)
        }
        report(.downloaded(descriptor.digest, size: descriptor.size))
        return store.path(of: descriptor.digest)
    }
}

/// Counts bytes against what is expected, and says when it is worth telling someone.
struct ProgressMeter {
    private static let step: Int64 = 1 << 20

    let total: Int64
    private(set) var done: Int64 = 0
    private var told: Int64 = 0

    init(total: Int64) { self.total = total }

    /// false when this is more than there should be.
    mutating func add(_ count: Int) -> Bool {
        done &+= Int64(count)
        return done <= total
    }

    var isDue: Bool {
        mutating get {
            guard done - told >= Self.step else { return false }
            told = done
            return true
        }
    }
}
