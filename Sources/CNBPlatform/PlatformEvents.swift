package import Archive
import CNBLifecycle
import DockerEngine
import OCIRegistry
import Sandbox

extension PhaseWarning {
    init(_ warning: DescriptorWarning) {
        self.init(warning.message, at: warning.location, hint: warning.suggestion)
    }
}

extension PhaseEvent {
    /// What a registry client does: transfers that moved bytes for everyone, the rest as detail.
    init(_ event: RegistryEvent) {
        self =
            switch event {
            case .downloading(let digest, let received, let total):
                .transfer(Transfer(.download, digest.short, .moving, done: received, of: total))
            case .uploading(let digest, let sent, let total): .transfer(Transfer(.upload, digest.short, .moving, done: sent, of: total))
            case .downloaded(let digest, let size): .transfer(Transfer(.download, digest.short, .complete, done: size, of: size))
            case .uploaded(let digest, let size): .transfer(Transfer(.upload, digest.short, .complete, done: size, of: size))
            case .alreadyThere(let digest, _): .detail("the registry has \(digest)")
            case .mounted(let digest, _, let from): .detail("the registry linked \(digest) from \(from)")
            case .tagged(let name, let digest): .detail("\(name) is \(digest)")
            case .retrying(let reason, let pause): .warning(PhaseWarning("\(reason); trying again in \(pause)"))
            case .mirrorPassedOver(let mirror, let reason): .warning(PhaseWarning("the mirror \(mirror) was passed over: \(reason)"))
            }
    }

    /// What a daemon is sent and gives.
    init(_ event: DockerEvent) {
        self =
            switch event {
            case .sending(let sent, let total): .transfer(Transfer(.upload, Self.daemonImage, .moving, done: sent, of: total))
            case .sent(let size, _): .transfer(Transfer(.upload, Self.daemonImage, .complete, done: size, of: size))
            case .sendingEverything(let reason): .detail("sending all layers to the daemon: \(reason)")
            case .receiving(let received): .transfer(Transfer(.download, Self.daemonImage, .moving, done: received))
            case .received(let size): .transfer(Transfer(.download, Self.daemonImage, .complete, done: size, of: size))
            }
    }

    private static let daemonImage = "the daemon's image"

    /// The daemon was sent something, but did not take it.
    static let daemonRefused = PhaseEvent.transfer(Transfer(.upload, daemonImage, .stopped))

    init(_ event: RootFilesystemEvent) {
        self =
            switch event {
            case .unpacking(let layer, let size): .note("Unpacking \(layer.digest.short) (\(formatted(bytes: size)))")
            case .unpacked(let layer): .detail("unpacked \(layer)")
            }
    }
}

extension Digest {
    /// `sha256:0123456789ab`: enough for people.
    package var short: String { "sha256:" + hex.prefix(12) }
}
