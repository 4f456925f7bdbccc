import AsyncHTTPClient
import Diagnostics
import NIOHTTP1

extension Transport {
    /// Asks a token service once. Errors say what for and as whom.
    func token(from service: TokenService, for scopes: Set<TokenScope>, as credential: Credential?, at repository: RemoteRepository)
        async throws -> BearerToken
    {
        let request = service.request(for: scopes, as: credential)
        let (response, last) = try await exchange(request)
        let purpose = "no token for \(RegistryError.printable(scopes.texts.joined(separator: " and ")))"
        guard response.status == .ok else {
            var error = try await refusal(response, to: last)
            error.message = "\(repository.hostName): \(purpose): \(error.message)"
            // The service does not know the scope or the user: in neither case is an image missing.
            if [.notFound, .rejected, .denied].contains(error.kind) { error.kind = error.kind == .denied ? .denied : .unauthorized }
            error.hint = RegistryError.accessHint(error.kind, at: repository, CredentialSearch(credential)) ?? error.hint
            throw error
        }
        guard let bytes = try await body(of: response, to: last, limit: BearerToken.answerLimit) else {
            throw RegistryError(.malformed, "\(repository.hostName): \(purpose): \(last.summary): the answer is too large")
        }
        do throws(Fault) {
            return try BearerToken(answer: bytes, for: scopes)
        } catch {
            throw RegistryError(.malformed, "\(repository.hostName): \(purpose): \(last.summary): \(error.message)")
        }
    }
}
