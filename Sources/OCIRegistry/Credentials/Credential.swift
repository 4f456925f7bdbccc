import FoundationEssentials

/// What is known to one registry about us.
package struct Credential: Equatable, Sendable {
    package enum Proof: Equatable, Sendable {
        case password(user: String, Secret)
        /// Exchanged for tokens by OAuth 2 (`grant_type=refresh_token`).
        case identityToken(Secret)
        /// A Bearer token for the registry itself, sent as it is.
        case registryToken(Secret)
    }

    package var proof: Proof
    /// Where it was found, for messages: a file, a helper program or a variable.
    package var origin: String

    package init(_ proof: Proof, from origin: String) {
        self.proof = proof
        self.origin = origin
    }
}

extension Credential: CustomStringConvertible {
    /// `user 'alice' from '/home/alice/.docker/config.json'`
    package var description: String {
        switch proof {
        case .password(let user, _): "user '\(RegistryError.printable(user, limit: 80))' from \(origin)"
        case .identityToken: "the identity token from \(origin)"
        case .registryToken: "the token from \(origin)"
        }
    }
}

extension Credential {
    /// The value of an `Authorization` header with user name and password.
    static func basic(user: String, password: Secret) -> Secret {
        Secret("Basic \(Data("\(user):\(password.reveal())".utf8).base64EncodedString())")
    }
}
