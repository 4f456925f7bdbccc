import CNBSpec

/// A buildpack to begin with: it detects every app and gives it a layer and a process.
package struct BuildpackScaffold {
    private let request: ModuleRequest

    package init(_ request: ModuleRequest) { self.request = request }

    package var files: ModuleFiles {
        ModuleFiles([
            .init("buildpack.toml", request.descriptorText(.buildpack)),
            .init("package.toml", PackageDescriptor.text),
            .init("bin/detect", mode: 0o755, Self.detect),
            .init("bin/build", mode: 0o755, build),
            .init("README.md", readme),
        ])
    }

    private static let detect = """
        #!/usr/bin/env bash
        # Runs in the app's folder. Exit 0: this buildpack wants the app; exit 100: it does not; anything else is an error.
        set -euo pipefail

        # For example: [[ -f package.json ]] || exit 100
        exit 0

        """

    private var build: String {
        // Processes were written differently before Buildpack API 0.9.
        let command =
            request.info.api >= APIVersion(0, 9)
            ? #"command = ["cat", "$layers/greeting/hello.txt"]"#
            : """
            command = "cat"
            args = ["$layers/greeting/hello.txt"]
            direct = true
            """
        return """
            #!/usr/bin/env bash
            # Runs in the app's folder.
            set -euo pipefail

            layers=${CNB_LAYERS_DIR:-$1}

            # A layer: a folder, and a file that says when it is there.
            mkdir -p "$layers/greeting"
            echo "Hello from \(request.info.reference.id)" > "$layers/greeting/hello.txt"
            cat > "$layers/greeting.toml" <<EOF
            [types]
            launch = true
            EOF

            # What the image starts.
            cat > "$layers/launch.toml" <<EOF
            [[processes]]
            type = "hello"
            \(command)
            default = true
            EOF

            """
    }

    private var readme: String {
        """
        # \(request.info.reference.id)

        A Cloud Native Buildpack. `bin/detect` decides whether it takes part in the build of an app, `bin/build` adds layers and processes.

        Try it on the app in the current folder:

            tote build my-app --buildpack PATH/TO/THIS/FOLDER

        """
    }
}

/// package.toml of a folder with one component buildpack.
enum PackageDescriptor {
    static let text = """
        [buildpack]
        uri = "."

        """
}
