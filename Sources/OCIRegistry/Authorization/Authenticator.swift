import Diagnostics

/// Proves to registries who we are, each in the way that it asks for; remembers how, and the tokens it got.
///
/// Nothing is sent to a registry before it asks, and no place is searched for credentials before that.
actor Authenticator {
    private enum Method {
        case basic
        case bearer(TokenService)
    }

    private struct Place: Hashable {
        var origin: WebOrigin
        var repository: String
    }

    private struct TokenKey: Hashable {
        var service: TokenService
        /// Tokens of one service differ by who asks, and that by registry.
        var origin: WebOrigin
        var scopes: Set<TokenScope>
    }

    private let configuration: RegistryConfiguration
    private let transport: Transport
    private var methods: [WebOrigin: Method] = [:]
    private var tokens: [TokenKey: BearerToken] = [:]
    private var searches: [Place: CredentialSearch] = [:]
    private let runningFetches = SharedWork<BearerToken>()
    private let runningSearches = SharedWork<CredentialSearch>()

    init(_ configuration: RegistryConfiguration, _ transport: Transport) {
        self.configuration = configuration
        self.transport = transport
    }

    /// What to send along without being asked, from what the registry asked for earlier.
    func authorization(for access: AccessRequest) async throws -> Authorization? {
        guard let origin = access.repository.origin, let method = methods[origin] else { return nil }
        return try await authorization(for: access, by: method, adding: [], insteadOf: nil)
    }

    /// The answer to the challenges of a 401; nil when there is none that was not refused already.
    func authorization(for access: AccessRequest, answering challenges: [Challenge], insteadOf refused: Authorization?) async throws
        -> Authorization?
    {
        guard let origin = access.repository.origin else { return nil }
        let method: Method
        var extra: Set<TokenScope> = []
        if let challenge = challenges.first(where: { $0.scheme == "bearer" }) {
            if let service = TokenService(challenge, of: access.repository, configuration) {
                method = .bearer(service)
                // With such a token nothing is to be had elsewhere: it is sent as it is, whatever the challenge says.
            } else if case .registryToken = try await search(access)?.credential?.proof {
                method = .basic
            } else {
                throw RegistryError.unusableRealm(challenge.parameters["realm"] ?? "", of: access.repository)
            }
            extra = Set(challenge: challenge.parameters["scope"] ?? "")
        } else if challenges.contains(where: { $0.scheme == "basic" }) {
            method = .basic
        } else {
            return nil
        }
        methods[origin] = method
        return try await authorization(for: access, by: method, adding: extra, insteadOf: refused)
    }

    /// The outcome of an earlier search for the credentials of a repository; nil when nobody asked for any.
    func earlierSearch(_ repository: RemoteRepository) -> CredentialSearch? {
        repository.origin.flatMap { searches[Place(origin: $0, repository: repository.name)] }
    }

    private func authorization(
        for access: AccessRequest, by method: Method, adding extra: Set<TokenScope>, insteadOf refused: Authorization?
    ) async throws -> Authorization? {
        let credential = try await search(access)?.credential
        let fixed: Authorization? =
            switch (method, credential?.proof) {
            case (_, .registryToken(let token)): Authorization(header: Secret("Bearer \(token.reveal())"))
            case (.basic, .password(let user, let password)):
                Authorization(header: Credential.basic(user: user, password: password), secrets: [password])
            default: nil
            }
        if let fixed { return fixed.header == refused?.header ? nil : fixed }
        guard case .bearer(let service) = method else { return nil }
        return try await token(for: access, of: service, as: credential, adding: extra, insteadOf: refused)
            .authorization(as: credential)
    }

    private func search(_ access: AccessRequest) async throws -> CredentialSearch? {
        guard let origin = access.repository.origin else { return nil }
        let place = Place(origin: origin, repository: access.repository.name)
        if let known = searches[place] { return known }
        let (store, host) = (configuration.credentials, access.repository.host)
        let found = try await runningSearches.value(of: "\(origin)/\(place.repository)") {
            try await store.search(host: host.authority, repository: place.repository)
        }
        searches[place] = found
        return found
    }

    private func token(
        for access: AccessRequest, of service: TokenService, as credential: Credential?, adding extra: Set<TokenScope>,
        insteadOf refused: Authorization?
    ) async throws -> BearerToken {
        guard let origin = access.repository.origin else { throw RegistryError.unusableRealm(service.realm, of: access.repository) }
        let key = TokenKey(service: service, origin: origin, scopes: access.scopes)
        var scopes = access.scopes.merged(with: extra)
        if let known = tokens[key] { scopes = scopes.merged(with: known.scopes) }
        if let token = validToken(key, insteadOf: refused) { return token }
        let wanted = scopes
        let transport = self.transport
        return try await runningFetches.value(of: "\(origin) \(service.realm) \(service.service ?? "") \(wanted.texts)") {
            // Another call may have got it just before this one began.
            if let token = await self.validToken(key, insteadOf: refused) { return token }
            let token = try await transport.token(from: service, for: wanted, as: credential, at: access.repository)
            await self.keep(token, for: key)
            return token
        }
    }

    private func keep(_ token: BearerToken, for key: TokenKey) { tokens[key] = token }

    /// A token that was got before, for this or for more. What is of no more use is forgotten.
    private func validToken(_ key: TokenKey, insteadOf refused: Authorization?) -> BearerToken? {
        for (other, token) in tokens
        where other.service == key.service && other.origin == key.origin && other.scopes.cover(key.scopes) {
            if token.isValid, token.header != refused?.header { return token }
            tokens[other] = nil
        }
        return nil
    }
}
