import Archive
import NIOHTTP1
import OCIImage
import OCIRegistry
import Synchronization
import TestSupport
import Testing

/// Transfers that break off are continued, not begun again.
@Suite struct ResumeTests {
    enum Download: String, CaseIterable, Sendable {
        case continues, ignoresRange, otherPart, otherBytes, unsatisfiable, wrongLength, lost
    }

    @Test(arguments: Download.allCases)
    func download(kind: Download) async throws {
        let served = try ServedImage(layerSize: 3 << 20)
        let size = served.layer.count
        let half = size / 2
        let asked = Mutex(0)
        let server = try await ScriptedServer { request in
            guard request.uri.hasSuffix("\(served.layerDescriptor.digest)") else { return served.answer(request) ?? .text(.notFound) }
            let tag = ("ETag", "\"v1\"")
            let number = asked.withLock {
                $0 += 1; return $0
            }
            if number == 1 {
                return ScriptedServer.Answer(headers: [tag], body: Array(served.layer[..<half]), announcedSize: size, cuts: true)
            }
            guard let range = request.headers.first(name: "Range") else { return ScriptedServer.Answer(headers: [tag], body: served.layer) }
            let start = Int(range.dropFirst("bytes=".count).dropLast()) ?? 0
            func part(_ bytes: [UInt8], at start: Int, size: Int? = nil) -> ScriptedServer.Answer {
                ScriptedServer.Answer(
                    status: .partialContent,
                    headers: [tag, ("Content-Range", "bytes \(start)-\(start + bytes.count - 1)/\(served.layer.count)")],
                    body: bytes, announcedSize: size)
            }
            return switch kind {
            case .continues: part(Array(served.layer[start...]), at: start)
            case .ignoresRange: ScriptedServer.Answer(headers: [tag], body: served.layer)
            case .otherPart: part(Array(served.layer[(start - 1)...]), at: start - 1)
            case .otherBytes: part([UInt8](repeating: 7, count: size - start), at: start)
            case .unsatisfiable: .text(.rangeNotSatisfiable)
            case .wrongLength: part(Array(served.layer[start...].dropLast()), at: start)
            case .lost: .text(.notFound)
            }
        }
        try await Fixture().use { fixture in
            let found = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            let image = try #require(found)
            if kind == .lost {
                _ = await #expect(throws: RegistryError.self) { try await image.blobs.blob(served.layerDescriptor) }
                #expect(!fixture.store.contains(served.layerDescriptor))
            } else {
                _ = try await image.blobs.blob(served.layerDescriptor)
                #expect(try fixture.store.validate() == [])
            }
            #expect(fixture.leftovers.isEmpty)
            let requests = server.requests.filter { $0.uri.hasSuffix("\(served.layerDescriptor.digest)") }
            #expect(requests[0].headers.first(name: "Range") == nil)
            // The loopback may lose what was sent just before the cut; most of it arrives.
            let range = requests[1].headers.first(name: "Range")
            if range != nil { #expect(requests[1].headers.first(name: "If-Range") == "\"v1\"") }
            let isWhole = range == nil || [.continues, .ignoresRange, .lost].contains(kind)
            #expect(requests.count == (isWhole ? 2 : 3), "\(requests.map(\.headers))")
        }
    }

    /// A registry that keeps uploads in memory.
    private final class Uploads: Sendable {
        let state = Mutex<(bytes: [UInt8], puts: Int)>(([], 0))

        /// `/v2/app/blobs/uploads/1?at=OFFSET`: each answer names the next address.
        func answer(_ request: ScriptedServer.Request, firstPutKeeps kept: Int?, limit: Int = .max) -> ScriptedServer.Answer {
            let layer = request.bodySize > 10_000 || request.uri.contains("at=")
            return state.withLock { state in
                func accepted(_ status: HTTPResponseStatus) -> ScriptedServer.Answer {
                    .text(
                        status,
                        headers: [
                            ("Location", "/v2/app/blobs/uploads/1?at=\(state.bytes.count)"),
                            ("Range", "0-\(max(0, state.bytes.count - 1))"),
                        ])
                }
                if request.bodySize > limit { return .text(.payloadTooLarge) }
                switch request.method {
                case .POST: return .text(.accepted, headers: [("Location", "/v2/app/blobs/uploads/1")])
                case .GET where request.uri.contains("/uploads/"): return accepted(.noContent)
                case .PATCH:
                    guard request.headers.first(name: "Content-Range")?.hasPrefix("\(state.bytes.count)-") == true else {
                        return .text(.rangeNotSatisfiable)
                    }
                    state.bytes += request.body
                    return accepted(.accepted)
                case .PUT where layer:
                    state.puts += 1
                    if state.puts == 1, let kept {
                        state.bytes = Array(request.body.prefix(kept))
                        return .text(.badGateway)
                    }
                    if request.bodySize > 0 { state.bytes = request.body }
                    return request.uri.contains(Digest.of(state.bytes).hex) ? .text(.created) : .text(.badRequest)
                case .PUT: return .text(.created)
                default: return .text(.notFound)
                }
            }
        }
    }

    private func pushLayer(size: Int, _ script: @escaping ScriptedServer.Script) async throws -> [ScriptedServer.Request] {
        let server = try await ScriptedServer(script)
        return try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, size: size)
            _ = try await fixture.client.push(image, to: reference("\(server.host)/app"), store: fixture.store)
            return server.requests
        }
    }

    @Test func uploadContinues() async throws {
        let uploads = Uploads()
        let requests = try await pushLayer(size: 2_000_000) { uploads.answer($0, firstPutKeeps: 1_500_000) }
        let patches = requests.filter { $0.method == .PATCH }
        #expect(patches.count == 1)
        #expect(patches.first?.headers.first(name: "Content-Range")?.hasPrefix("1500000-") == true)
        #expect((400_000..<600_000).contains(patches.first?.bodySize ?? 0))
        #expect(requests.count { $0.method == .POST } == 2)
    }

    /// What the registry kept is not what was sent: then all of it is sent again.
    @Test func uploadThatWasDamaged() async throws {
        let uploads = Uploads()
        let requests = try await pushLayer(size: 2_000_000) { request in
            let answer = uploads.answer(request, firstPutKeeps: 1_500_000)
            if request.method == .GET, request.uri.contains("/uploads/") { uploads.state.withLock { $0.bytes[5] ^= 1 } }
            return answer
        }
        #expect(requests.count { $0.method == .PATCH } == 1)
        #expect(requests.count { $0.method == .POST } == 3)
    }

    @Test(arguments: [1_000_000, 300_000])
    func uploadInPieces(limit: Int) async throws {
        let uploads = Uploads()
        let requests = try await pushLayer(size: 2_000_000) { uploads.answer($0, firstPutKeeps: nil, limit: limit) }
        let taken = requests.filter { $0.method == .PATCH && $0.bodySize <= limit }
        #expect(taken.count >= 2_000_000 / limit)
        #expect(taken.map { $0.bodySize }.reduce(0, +) > 2_000_000)
    }

    @Test func tooLargeForAnything() async throws {
        let uploads = Uploads()
        let error = await #expect(throws: RegistryError.self) {
            try await pushLayer(size: 2_000_000) { uploads.answer($0, firstPutKeeps: nil, limit: 100_000) }
        }
        #expect(error?.status == 413)
    }
}
