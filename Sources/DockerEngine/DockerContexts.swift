import Archive
import Diagnostics
import OCIImage

/// The docker command's configuration folder, as far as it says where the daemon is (L-12).
struct DockerContexts {
    /// `~/.docker`, or what DOCKER_CONFIG names.
    let folder: String

    /// Nil when the environment does not even say where home is.
    init?(_ environment: [String: String]) {
        if let folder = environment["DOCKER_CONFIG"], !folder.isEmpty {
            self.folder = folder
        } else if let home = environment["HOME"], !home.isEmpty {
            folder = "\(home)/.docker"
        } else {
            return nil
        }
    }

    /// The context that was chosen with `docker context use`; nil for the default one.
    func current() throws(Fault) -> String? {
        struct Document: Decodable { var currentContext: String? }
        let path = "\(folder)/config.json"
        guard let bytes = try LocalFile.read(path) else { return nil }
        let document = try CanonicalJSON.decode(Document.self, from: bytes, limit: 1 << 20, what: "'\(path)'")
        return document.currentContext.flatMap { $0.isEmpty || $0 == "default" ? nil : $0 }
    }

    /// The daemon of a context.
    func host(of name: String) throws(Fault) -> DockerHost {
        struct Document: Decodable {
            struct Endpoint: Decodable {
                var host: String?
                var skipsVerification: Bool?
                enum CodingKeys: String, CodingKey {
                    case host = "Host"
                    case skipsVerification = "SkipTLSVerify"
                }
            }
            var endpoints: [String: Endpoint]?
            enum CodingKeys: String, CodingKey { case endpoints = "Endpoints" }
        }
        let shown = DockerError.printable(name)
        let identifier = Digest.of(Array(name.utf8)).hex
        let path = "\(folder)/contexts/meta/\(identifier)/meta.json"
        guard let bytes = try LocalFile.read(path) else {
            throw Fault("there is no docker context '\(shown)' in '\(folder)'", hint: "'docker context ls' lists them")
        }
        let document = try CanonicalJSON.decode(
            Document.self, from: bytes, limit: 1 << 20, what: "the docker context '\(shown)' ('\(path)')")
        guard let endpoint = document.endpoints?["docker"], let text = endpoint.host, !text.isEmpty else {
            throw Fault("the docker context '\(shown)' names no daemon ('\(path)')")
        }
        let material = "\(folder)/contexts/tls/\(identifier)/docker"
        let skips = endpoint.skipsVerification ?? false
        let usesTLS = skips || LocalFile.exists(material)
        return try DockerHost(
            parsing: text, tls: usesTLS ? DockerTLS(in: material, verifiesDaemon: !skips) : nil, origin: .context(name))
    }
}
