import Archive
import AsyncHTTPClient
import Diagnostics
import NIOCore
import NIOHTTP1
import OCIImage

/// A blob on its way into the store, over as many attempts as it takes. Dropped before `finish`, it leaves nothing behind.
final class PartialBlob {
    /// After so many new bytes the attempts are counted anew: a long transfer may break more often than a short one.
    private static let advance: Int64 = 8 << 20

    private let descriptor: Descriptor
    private let address: String
    private let store: ImageStore
    private var ingest: BlobIngest?
    private var progress: ProgressMeter
    /// What names this version of the bytes where they come from; only a strong one will do.
    private var entityTag: String?
    private var isResumed = false
    private var mark: Int64 = 0

    init(_ descriptor: Descriptor, of repository: RemoteRepository, _ store: ImageStore) {
        self.descriptor = descriptor
        self.store = store
        address = repository.blob(descriptor.digest)
        progress = ProgressMeter(total: descriptor.size)
    }

    var received: Int64 { progress.done }

    var isWorthReporting: Bool { progress.isDue }

    /// For all of it, or for what is missing.
    var request: RegistryRequest {
        var request = RegistryRequest(.GET, address)
        if received > 0 {
            request.headers.add(name: "Range", value: "bytes=\(received)-")
            if let entityTag { request.headers.add(name: "If-Range", value: entityTag) }
        }
        return request
    }

    /// Whether much has come since this was last asked.
    func hasAdvanced() -> Bool {
        guard received - mark >= Self.advance else { return false }
        mark = received
        return true
    }

    /// Takes the head of an answer with status 200, 206 or 416.
    func begin(_ response: HTTPClientResponse) throws {
        switch response.status {
        case .ok: try restart()
        case .partialContent:
            // `bytes 100-199/200`
            let range = response.headers.first(name: "Content-Range")?.split { " -/".contains($0) }
            guard received > 0, range?.first == "bytes", range?.dropFirst().first.flatMap({ Int64($0) }) == received else {
                throw try unusable("the registry sends another part of the blob than it was asked for")
            }
            isResumed = true
        default: throw try unusable("the registry does not send the rest of the blob")
        }
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int64($0) }), length != descriptor.size - received {
            if isResumed { throw try unusable("the registry sends another part of the blob than it was asked for") }
            throw wrong("the blob should have \(descriptor.size) bytes, the registry offers \(length)")
        }
        let tag = response.headers.first(name: "ETag")
        entityTag = tag?.hasPrefix("\"") == true ? tag : nil
    }

    func append(_ buffer: ByteBuffer) throws {
        guard let ingest, progress.add(buffer.readableBytes) else { throw wrong("the blob has more than its \(descriptor.size) bytes") }
        try buffer.withUnsafeReadableBytes { try ingest.append($0) }
    }

    func finish() throws {
        guard received == descriptor.size, let ingest else {
            throw RegistryError(.interrupted, "\(request.summary): the blob ended after \(received) of \(descriptor.size) bytes")
        }
        do {
            try ingest.commit(expecting: descriptor.digest, size: descriptor.size)
        } catch let error as Fault {
            // Parts of different versions do not make one blob.
            if isResumed { throw try unusable("the parts of the blob do not fit together") }
            throw wrong(error.message)
        }
    }

    private func restart() throws {
        ingest = nil
        ingest = try store.ingest()
        progress = ProgressMeter(total: descriptor.size)
        isResumed = false
    }

    /// The next attempt begins at the beginning.
    private func unusable(_ what: String) throws -> RegistryError {
        let error = RegistryError(.interrupted, "\(request.summary): \(what)")
        try restart()
        return error
    }

    private func wrong(_ what: String) -> RegistryError {
        RegistryError(.corrupted, "\(request.summary): \(what)", hint: "the registry or something on the way changes what it serves")
    }
}
