import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import Sandbox

/// The folders of one build in its scratch: layers, platform and inline buildpacks, and the app beside them.
struct BuildWorkspace {
    let scratch: String
    let mode: NamespaceMode
    let user: UInt32
    let group: UInt32
    let directories: BuildDirectories
    let app: AppWorkspace
    private let volumes: [Volume]
    private let inline: [(folder: String, reference: BuildpackReference)]

    /// Makes the folders.
    init(_ inputs: BuildInputs, app: AppWorkspace, scratch: String, mode: NamespaceMode) throws {
        self.app = app
        self.scratch = scratch
        self.mode = mode
        user = inputs.user
        group = inputs.group
        directories = BuildDirectories(app: inputs.request.workspace.path)
        inline = inputs.order.inline.enumerated().map { (scratch + "/inline-\($0.offset)", $0.element.reference) }
        volumes = inputs.request.volumes.filter { !$0.isBinding }
        let folder = try ConfinedDirectory(scratch)
        try folder.makeDirectories("layers", mode: 0o755, owner: owner)
        try folder.makeDirectories("platform/env", mode: 0o755)
        for (name, value) in inputs.environment {
            try folder.write("platform/env/" + name, Array(value.utf8), mode: 0o644)
        }
        var bindings = ServiceBindings(in: try folder.directory("platform"))
        for binding in inputs.request.volumes where binding.isBinding { try bindings.copy(binding) }
        for (index, buildpack) in inputs.order.inline.enumerated() {
            try folder.makeDirectories("inline-\(index)/bin", mode: 0o755)
            for file in buildpack.files(stackID: inputs.builder.stackID) {
                try folder.write("inline-\(index)/" + file.path, file.bytes, mode: file.mode)
            }
        }
    }

    /// Whose the files of the build are; nil where only one id exists.
    var owner: Ownership? { mode.owner(user: user, group: group) }

    /// `modules` are those that came from outside of the builder.
    func layout(
        lowers: [String], modules: [SandboxLayout.Bind], network: BuildNetwork, certificates: ExtraCertificates?
    ) -> SandboxLayout {
        var binds = modules
        binds += inline.map { buildpack in
            let reference = buildpack.reference
            let target = "\(directories.buildpacks)/\(reference.id.escaped)/\(reference.version)"
            return SandboxLayout.Bind(source: buildpack.folder, target: target, readOnly: true)
        }
        // Before what is exported: whatever links the builder has, a volume never lies in there.
        binds += volumes.map { SandboxLayout.Bind(source: $0.source, target: $0.target, readOnly: $0.isReadOnly) }
        binds += [
            SandboxLayout.Bind(source: app.folder, target: directories.app, readOnly: false),
            SandboxLayout.Bind(source: scratch + "/layers", target: directories.layers, readOnly: false),
            SandboxLayout.Bind(source: scratch + "/platform", target: directories.platform, readOnly: true),
        ]
        return SandboxLayout(
            lowers: lowers, scratch: scratch, mode: mode, binds: binds, user: user, group: group, network: network,
            certificates: certificates)
    }

    /// What the phases work with, completed by what the builder's root file system says.
    func phaseInputs(_ inputs: BuildInputs, proxies: [String], room: any BuildpackRoom) throws -> PhaseInputs {
        let config = inputs.runImage.image.config
        let release = try room.root.readIfPresent("/etc/os-release", limit: 64 << 10).map { String(decoding: $0, as: UTF8.self) }
        let target = BaseTarget(os: config.os, arch: config.architecture, variant: config.variant ?? "", labels: config.settings.labels)
            .completed(osRelease: release, hostArch: Platform.host.architecture)
        var environment = inputs.builder.image.config.settings.environment.filter { !$0.hasPrefix("HOME=") }
        environment.append("HOME=" + (try Accounts(in: room.root).home(of: user) ?? "/"))  // C-32
        environment += proxies.filter { entry in !environment.contains { $0.hasPrefix(entry.prefix { $0 != "=" } + "=") } }
        return PhaseInputs(
            directories: directories, platformAPI: inputs.platformAPI, execEnv: inputs.request.execEnv.name, target: target,
            baseEnvironment: environment)
    }

    /// The composed order with the builder's system buildpacks around every group (B-31).
    func order(_ inputs: BuildInputs, room: any BuildpackRoom) throws -> Order {
        guard inputs.platformAPI >= APIVersion(0, 15), let bytes = try room.root.readIfPresent("/cnb/system.toml", limit: 1 << 20) else {
            return inputs.order.order
        }
        let system = try SystemBuildpacks(reading: DocumentSource(file: "/cnb/system.toml", bytes: bytes))
        return system.merged(into: inputs.order.order)
    }
}
