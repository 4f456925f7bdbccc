package import Diagnostics
import Glibc

extension DockerHost {
    /// Where to look for a daemon, in order (L-12). One that the user named stands alone: DOCKER_HOST, DOCKER_CONTEXT,
    /// Podman's CONTAINER_HOST, then the context of `docker context use`. Otherwise the sockets that exist at the usual places.
    package static func candidates(_ environment: [String: String]) throws(Fault) -> [DockerHost] {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let contexts = DockerContexts(environment)
        if let text = value("DOCKER_HOST") {
            return [try DockerHost(parsing: text, tls: tls(environment, contexts), origin: .variable("DOCKER_HOST"))]
        }
        let chosen = value("DOCKER_CONTEXT")
        if let chosen, chosen != "default" {
            guard let contexts else { throw Fault("DOCKER_CONTEXT names '\(DockerError.printable(chosen))', but HOME is not set") }
            return [try contexts.host(of: chosen)]
        }
        if chosen == nil {
            if let text = value("CONTAINER_HOST") { return [try DockerHost(parsing: text, origin: .variable("CONTAINER_HOST"))] }
            if let contexts, let name = try contexts.current() { return [try contexts.host(of: name)] }
        }
        return usualSockets(value("XDG_RUNTIME_DIR")).filter(LocalFile.isSocket).map { DockerHost(.socket($0), origin: .usual) }
    }

    /// Docker's before Podman's, and of Docker's the one for all users first, as the docker command does.
    static func usualSockets(_ runtimeDirectory: String?) -> [String] {
        var sockets = ["/var/run/docker.sock"]
        if let runtimeDirectory { sockets += ["\(runtimeDirectory)/docker.sock", "\(runtimeDirectory)/podman/podman.sock"] }
        return sockets + ["/run/podman/podman.sock"]
    }

    /// Any text in these two variables means yes, as for the docker command.
    private static func tls(_ environment: [String: String], _ contexts: DockerContexts?) -> DockerTLS? {
        let verifies = environment["DOCKER_TLS_VERIFY"].map { !$0.isEmpty } ?? false
        guard verifies || environment["DOCKER_TLS"].map({ !$0.isEmpty }) ?? false else { return nil }
        let folder = environment["DOCKER_CERT_PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? contexts?.folder
        return folder.map { DockerTLS(in: $0, verifiesDaemon: verifies) } ?? DockerTLS(verifiesDaemon: verifies)
    }
}
