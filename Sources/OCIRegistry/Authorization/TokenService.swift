import FoundationEssentials
import NIOHTTP1

/// Where a registry sends us for tokens: the realm and service of its Bearer challenge.
struct TokenService: Hashable, Sendable {
    /// An absolute address.
    var realm: String
    var service: String?

    /// nil when the challenge names no address that may be given a secret: TLS, this machine, or a host declared insecure.
    init?(_ challenge: Challenge, of repository: RemoteRepository, _ configuration: RegistryConfiguration) {
        guard let realm = challenge.parameters["realm"], let origin = WebOrigin(realm), let url = URL(string: realm), url.user == nil,
            url.fragment == nil, realm.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        let host = RegistryRequest(.GET, realm).host
        // A remote registry that speaks TLS has no business with what runs on this machine.
        let isPlainAllowed =
            configuration.isInsecure(host) || (host.isLoopback && (repository.scheme == .http || repository.host.isLoopback))
        guard origin.scheme == "https" || isPlainAllowed else { return nil }
        self.realm = realm
        service = challenge.parameters["service"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The request that gets a token: GET with user and password or nothing, or the OAuth 2 exchange of an identity token.
    func request(for scopes: Set<TokenScope>, as credential: Credential?) -> RegistryRequest {
        let service = self.service.map { [("service", $0)] } ?? []
        if case .identityToken(let token) = credential?.proof {
            let fields =
                [("grant_type", "refresh_token"), ("client_id", "tote")] + service + [
                    ("scope", scopes.texts.joined(separator: " ")), ("refresh_token", token.reveal()),
                ]
            var request = RegistryRequest(
                .POST, realm, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: .bytes(Array(PercentEncoding.form(fields).utf8)))
            request.authorization = Authorization(header: nil, secrets: [token])
            return request
        }
        let query = PercentEncoding.form(service + scopes.texts.map { ("scope", $0) })
        var request = RegistryRequest(.GET, query.isEmpty ? realm : "\(realm)\(realm.contains("?") ? "&" : "?")\(query)")
        if case .password(let user, let password) = credential?.proof {
            request.authorization = Authorization(header: Credential.basic(user: user, password: password), secrets: [password])
        }
        return request
    }
}
