package import Archive
import CNBLifecycle
import OCIRegistry
import Sandbox

extension PhaseWarning {
    init(_ warning: DescriptorWarning) {
        self.init(warning.message, at: warning.location, hint: warning.suggestion)
    }
}

extension PhaseEvent {
    /// What a registry client does, as lines: transfers that moved bytes for everyone, the rest as detail.
    init(_ event: RegistryEvent) {
        self =
            switch event {
            case .downloading(let digest, let received, let total): .detail("downloading \(digest): \(received) of \(total) bytes")
            case .uploading(let digest, let sent, let total): .detail("uploading \(digest): \(sent) of \(total) bytes")
            case .downloaded(let digest, let size): .note("Downloaded \(digest.short) (\(formatted(bytes: size)))")
            case .uploaded(let digest, let size): .note("Uploaded \(digest.short) (\(formatted(bytes: size)))")
            case .alreadyThere(let digest, _): .detail("the registry has \(digest)")
            case .mounted(let digest, _, let from): .detail("the registry linked \(digest) from \(from)")
            case .tagged(let name, let digest): .detail("\(name) is \(digest)")
            case .retrying(let reason, let pause): .warning(PhaseWarning("\(reason); trying again in \(pause)"))
            case .mirrorPassedOver(let mirror, let reason): .warning(PhaseWarning("the mirror \(mirror) was passed over: \(reason)"))
            }
    }

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
