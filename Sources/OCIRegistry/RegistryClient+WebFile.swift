import AsyncHTTPClient
import Diagnostics
import Glibc
import NIOCore
import NIOHTTP1

/// What a web server said to the wish for a file.
package enum WebAnswer: Equatable, Sendable {
    /// It is still the one with that entity tag.
    case unchanged
    /// It was written; with the tag to ask by the next time.
    case written(entityTag: String?)
}

extension RegistryClient {
    /// Downloads a file that is no part of any registry. No credentials are sent; redirects are followed, never from HTTPS down to HTTP.
    ///
    /// - Parameters:
    ///   - entityTag: of the version that is at hand.
    ///   - file: an open file, written from its beginning on.
    ///   - limit: the most bytes it may have.
    package func webFile(_ url: String, unless entityTag: String?, into file: Int32, limit: Int64) async throws -> WebAnswer {
        let headers = entityTag.map { [("If-None-Match", $0)] } ?? []
        let request = RegistryRequest(.GET, url, headers: headers)
        return try await Retry(delays: configuration.retryDelays, onRetry: { self.report(.retrying($0.message, after: $1)) }).run {
            guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else { throw Fault(system: "writing the download") }
            let (response, last) = try await self.transport.exchange(request)
            switch response.status {
            case .ok: break
            case .notModified where entityTag != nil:
                await self.transport.discard(response, to: last)
                return .unchanged
            default: throw try await self.transport.refusal(response, to: last)
            }
            try await self.write(response, of: last, to: file, limit: limit)
            return .written(entityTag: response.headers.first(name: "ETag"))
        }
    }

    private func write(_ response: HTTPClientResponse, of request: RegistryRequest, to file: Int32, limit: Int64) async throws {
        let announced = response.headers.first(name: "Content-Length").flatMap { Int64($0) }
        var received: Int64 = 0
        let tooLarge = RegistryError(.rejected, "\(request.summary): the file is larger than \(limit >> 20) MiB")
        if let announced, announced > limit { throw tooLarge }
        do {
            for try await buffer in response.body {
                received += Int64(buffer.readableBytes)
                guard received <= limit else { throw tooLarge }
                try Self.write(buffer, to: file)
            }
            // A cancelled task sees the end of the body rather than an error.
            try Task.checkCancellation()
        } catch {
            throw RegistryError.explaining(error, request)
        }
        guard announced == nil || announced == received else {
            throw RegistryError(.interrupted, "\(request.summary): ended after \(received) of \(announced ?? 0) bytes")
        }
    }

    private static func write(_ buffer: ByteBuffer, to file: Int32) throws {
        try buffer.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw Fault(system: "writing the download") }
                rest = rest.dropFirst(count)
            }
        }
    }
}
