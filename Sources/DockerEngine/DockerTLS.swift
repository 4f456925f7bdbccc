import Diagnostics
import NIOSSL

/// How a connection to a daemon is secured: paths of PEM files.
package struct DockerTLS: Equatable, Sendable {
    /// Who signed the daemon's certificate; nil: one of the system's authorities.
    package var authority: String?
    /// What to show the daemon; only with `key`.
    package var certificate: String?
    package var key: String?
    /// False: any certificate will do, whoever signed it.
    package var verifiesDaemon: Bool

    package init(authority: String? = nil, certificate: String? = nil, key: String? = nil, verifiesDaemon: Bool = true) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
        self.verifiesDaemon = verifiesDaemon
    }

    /// `ca.pem`, `cert.pem` and `key.pem` of a folder, as far as they exist.
    init(in folder: String, verifiesDaemon: Bool) {
        func file(_ name: String) -> String? { LocalFile.exists("\(folder)/\(name)") ? "\(folder)/\(name)" : nil }
        self.init(authority: file("ca.pem"), certificate: file("cert.pem"), key: file("key.pem"), verifiesDaemon: verifiesDaemon)
    }

    func configuration() throws(Fault) -> TLSConfiguration {
        var settings = TLSConfiguration.makeClientConfiguration()
        if !verifiesDaemon { settings.certificateVerification = .none }
        if let authority {
            settings.trustRoots = .certificates(try Self.read(authority, "certificates") { try NIOSSLCertificate.fromPEMFile(authority) })
        }
        switch (certificate, key) {
        case (nil, nil): break
        case (let certificate?, let key?):
            let chain = try Self.read(certificate, "certificates") { try NIOSSLCertificate.fromPEMFile(certificate) }
            settings.certificateChain = chain.map { .certificate($0) }
            settings.privateKey = .privateKey(try Self.read(key, "key") { try NIOSSLPrivateKey(file: key, format: .pem) })
        case (let alone?, nil), (nil, let alone?):
            throw Fault("'\(alone)' is of no use alone: a client certificate needs both 'cert.pem' and 'key.pem'")
        }
        return settings
    }

    private static func read<Value>(_ path: String, _ what: String, _ body: () throws -> Value) throws(Fault) -> Value {
        do {
            return try body()
        } catch {
            throw Fault("no \(what) can be read from '\(path)'", hint: "it must be a PEM file ('-----BEGIN …-----')")
        }
    }
}
