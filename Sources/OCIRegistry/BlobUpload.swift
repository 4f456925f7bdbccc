import Archive
import AsyncHTTPClient
import NIOHTTP1
import OCIImage

/// A blob on its way to a registry, over as many attempts as it takes.
///
/// It goes whole in one request. What breaks off is continued if the registry kept it, and where whole is too large, pieces follow one another.
final class BlobUpload {
    private static let firstPiece: Int64 = 16 << 20
    private static let smallestPiece: Int64 = 256 << 10

    private let client: RegistryClient
    private let descriptor: Descriptor
    private let body: RegistryRequest.Body
    private let repository: RemoteRepository
    /// A session that nothing was sent to yet.
    private var fresh: UploadSession?
    /// A session whose last request broke off.
    private var broken: UploadSession?
    /// nil: as much as there is.
    private var piece: Int64?

    init(
        _ client: RegistryClient, _ descriptor: Descriptor, _ body: RegistryRequest.Body, to repository: RemoteRepository,
        session: UploadSession?
    ) {
        self.client = client
        self.descriptor = descriptor
        self.body = body
        self.repository = repository
        fresh = session
    }

    func attempt() async throws {
        if let session = broken {
            broken = nil
            if let (session, offset) = await kept(session) { return try await resume(session, at: offset) }
        }
        guard let session = try await newSession() else { return }
        guard piece == nil else { return try await sendPieces(to: session, from: 0) }
        do {
            try await finish(session, body)
        } catch let error as RegistryError where error.status == 413 {
            piece = Self.firstPiece
            if let session = try await newSession() { try await sendPieces(to: session, from: 0) }
        }
    }

    /// nil when the blob is there after all.
    private func newSession() async throws -> UploadSession? {
        if let session = fresh {
            fresh = nil
            return session
        }
        guard case .session(let session) = try await client.openUpload(repository) else { return nil }
        return session
    }

    /// How much of an interrupted upload the registry has; nil when it has nothing, or does not say. Then all is sent again.
    private func kept(_ session: UploadSession) async -> (UploadSession, Int64)? {
        let request = RegistryRequest(.GET, session.address)
        guard let response = try? await client.send(request, in: repository, wanted: [202, 204]) else { return nil }
        await client.transport.discard(response, to: request)
        guard let end = Self.end(of: response.headers), end < descriptor.size else { return nil }
        return (next(session, response.headers, from: request), end + 1)
    }

    private func resume(_ session: UploadSession, at offset: Int64) async throws {
        do {
            try await sendPieces(to: session, from: offset)
        } catch let error as RegistryError where !error.isTransient && error.kind != .unauthorized && error.kind != .denied {
            // Something was wrong with what it kept.
            broken = nil
            throw RegistryError(.interrupted, error.message, hint: error.hint, status: error.status, codes: error.codes)
        }
    }

    private func sendPieces(to first: UploadSession, from start: Int64) async throws {
        var session = first
        var offset = start
        while offset < descriptor.size {
            let wanted = max(piece ?? descriptor.size, session.smallestPiece)
            let end = min(descriptor.size, offset + min(wanted, descriptor.size - offset))
            let request = RegistryRequest(
                .PATCH, session.address,
                headers: [("Content-Type", "application/octet-stream"), ("Content-Range", "\(offset)-\(end - 1)")],
                body: body.part(offset..<end))
            do {
                let response = try await noting(session) {
                    try await self.client.send(request, in: self.repository, wanted: [201, 202, 204])
                }
                await client.transport.discard(response, to: request)
                session = next(session, response.headers, from: request)
                let reached = Self.end(of: response.headers).map { $0 + 1 } ?? end
                guard reached > offset, reached <= end else {
                    throw RegistryError(.interrupted, "\(request.summary): the registry did not keep what was sent")
                }
                offset = reached
            } catch let error as RegistryError where error.status == 413 && wanted > Self.smallestPiece {
                // What forwards requests to the registry takes even less.
                piece = max(Self.smallestPiece, min(wanted, Self.firstPiece * 2) / 2)
                guard session.smallestPiece < wanted else { throw error }
            }
        }
        try await finish(session, .none)
    }

    private func finish(_ session: UploadSession, _ body: RegistryRequest.Body) async throws {
        var request = RegistryRequest(
            .PUT, session.address(finishing: descriptor.digest), headers: [("Content-Type", "application/octet-stream")], body: body)
        request.commits = true
        let sent = request
        let response = try await noting(session) { try await self.client.send(sent, in: self.repository, wanted: [201, 204]) }
        await client.transport.discard(response, to: request)
        if let stored = response.headers.first(name: "Docker-Content-Digest").flatMap({ Digest($0) }), stored != descriptor.digest {
            throw RegistryError(.corrupted, "\(request.summary): \(descriptor.digest) was sent, but the registry stored \(stored)")
        }
    }

    /// Remembers the session when the request fails for a passing reason.
    private func noting(_ session: UploadSession, _ request: () async throws -> HTTPClientResponse) async throws -> HTTPClientResponse {
        do {
            return try await request()
        } catch let error as RegistryError where error.isTransient {
            broken = session
            throw error
        }
    }

    /// Each answer says where the next request goes.
    private func next(_ session: UploadSession, _ headers: HTTPHeaders, from request: RegistryRequest) -> UploadSession {
        guard let address = try? Redirect.target(headers, from: request) else { return session }
        return UploadSession(address: address, smallestPiece: session.smallestPiece)
    }

    /// The last byte that the registry has: `Range: 0-1023`.
    private static func end(of headers: HTTPHeaders) -> Int64? {
        let range = headers.first(name: "Range")?.split { "-=".contains($0) }
        guard let range, range.count >= 2, range.dropLast().last == "0", let end = Int64(range[range.count - 1]), end > 0 else {
            return nil
        }
        return end
    }
}
