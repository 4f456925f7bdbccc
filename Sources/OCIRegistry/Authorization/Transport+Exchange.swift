import AsyncHTTPClient
import NIOHTTP1

extension Transport {
    /// One attempt, with redirects of reads followed; also the request that was answered in the end.
    ///
    /// `Authorization` goes nowhere but to the host that the request was made for, and never from TLS to plain HTTP.
    func exchange(_ request: RegistryRequest) async throws -> (response: HTTPClientResponse, request: RegistryRequest) {
        var request = request
        let start = WebOrigin(request.url)
        for _ in 0...Redirect.limit {
            let response = try await self.response(to: request)
            guard request.method == .GET || request.method == .HEAD, Redirect.isRedirect(response.status) else {
                return (response, request)
            }
            await discard(response, to: request)
            request.url = try Redirect.target(response.headers, from: request)
            if start?.extends(to: WebOrigin(request.url)) != true { request.authorization?.header = nil }
        }
        throw RegistryError(.malformed, "\(request.summary): more than \(Redirect.limit) redirects")
    }
}
