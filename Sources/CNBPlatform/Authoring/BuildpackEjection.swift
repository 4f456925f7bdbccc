package import CNBLifecycle
import CNBSpec
package import Diagnostics

/// Turns an inline buildpack of a project descriptor into a folder that gives the same image.
package struct BuildpackEjection: Sendable {
    package let buildpack: InlineBuildpack

    /// Chooses the inline buildpack that `name` means (`id` or `id@version`), or the only one without a name.
    package init(_ name: String?, from descriptor: ProjectDescriptor) throws(Fault) {
        var all: [InlineBuildpack] = []
        for entry in descriptor.group + descriptor.pre + descriptor.post {
            guard let inline = try InlineBuildpack(entry) else { continue }
            // the last definition is the one that runs.
            all.removeAll { $0.reference == inline.reference }
            all.append(inline)
        }
        let found = all.filter { inline in name.map { $0 == inline.reference.id.raw || $0 == inline.reference.description } ?? true }
        guard let first = found.first else {
            guard let name, !all.isEmpty else {
                throw Fault(
                    "the project descriptor has no inline buildpack",
                    hint: "an inline buildpack is an entry of [[io.buildpacks.group]] with a script table")
            }
            throw Fault("the project descriptor has no inline buildpack '\(name)'", hint: "it has " + Self.list(all))
        }
        guard found.count == 1 else {
            let example = "'tote buildpack eject \(name == nil ? first.reference.id.raw : first.reference.description)'"
            throw Fault(
                "the project descriptor has several inline buildpacks", hint: "say which, such as \(example); it has \(Self.list(found))")
        }
        buildpack = first
    }

    private static func list(_ all: [InlineBuildpack]) -> String {
        all.map { "'\($0.reference)'" }.joined(separator: ", ")
    }

    /// The folder: the inline buildpack's files, with a descriptor that does not name one builder's stack, and what packaging needs.
    package var files: ModuleFiles {
        let stackless = buildpack.api >= APIVersion(0, 10)
        var files = buildpack.files(stackID: "*").map { file in
            ModuleFiles.File(file.path, mode: file.mode, String(decoding: file.bytes, as: UTF8.self))
        }
        if stackless, let place = files.firstIndex(where: { $0.path == "buildpack.toml" }) { files[place].text = descriptorText }
        return ModuleFiles(files + [.init("package.toml", PackageDescriptor.text), .init("README.md", readme)])
    }

    /// what the inline buildpack's stack comes to.
    private var descriptorText: String {
        """
        api = "\(buildpack.api)"

        [buildpack]
        id = "\(buildpack.reference.id)"
        version = "\(buildpack.reference.version)"

        [[targets]]
        os = "linux"

        """
    }

    private var readme: String {
        """
        # \(buildpack.reference.id)

        A Cloud Native Buildpack that began as an inline buildpack of a project. It gives the same image.

        In `project.toml`, in place of the inline entry, with the path as seen from there:

            [[io.buildpacks.group]]
            uri = "PATH/TO/THIS/FOLDER"

        Or for one build:

            tote build my-app --buildpack PATH/TO/THIS/FOLDER

        `bin/detect` takes part in every build. Let it end with status 100 for apps that this buildpack is not for.

        """
    }
}

extension ProjectDescriptor {
    /// The descriptor of the app at `app` (a folder or a zip), or the one that `named` names; paths are absolute. One must be there.
    package static func read(
        app: String, named: String?, workingDirectory: String, events: PhaseEvents
    ) throws -> ProjectDescriptor {
        let reading: ProjectReading?
        if let named {
            reading = load(app: app, descriptor: named, workingDirectory: workingDirectory)
        } else {
            reading = try AppSource(app).descriptor(named: nil, workingDirectory: workingDirectory)
        }
        guard let reading else {
            throw Fault("there is no project.toml in '\(app)'", hint: "give the app's folder with --path, or the file with --descriptor")
        }
        reading.warnings.forEach { events(.warning(PhaseWarning($0))) }
        return try reading.get()
    }
}
