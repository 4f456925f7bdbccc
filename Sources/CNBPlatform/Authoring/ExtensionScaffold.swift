import CNBSpec

/// An image extension to begin with: it offers a package of the operating system, and installs it when a buildpack asks.
package struct ExtensionScaffold {
    private let request: ModuleRequest

    package init(_ request: ModuleRequest) { self.request = request }

    package var files: ModuleFiles {
        ModuleFiles([
            .init("extension.toml", request.descriptorText(.extension)),
            .init("bin/detect", mode: 0o755, Self.detect),
            .init("bin/generate", mode: 0o755, Self.generate),
            .init("README.md", readme),
        ])
    }

    private static let detect = """
        #!/usr/bin/env bash
        # Runs in the app's folder. Exit 0: this extension can take part; exit 100: it cannot; anything else is an error.
        set -euo pipefail

        # It takes part when a buildpack requires what it provides.
        cat > "$CNB_BUILD_PLAN_PATH" <<EOF
        [[provides]]
        name = "curl"
        EOF

        """

    private static let generate = """
        #!/usr/bin/env bash
        # Runs in the app's folder. Writes build.Dockerfile for the image that buildpacks run in, run.Dockerfile for the app's.
        set -euo pipefail

        cat > "$CNB_OUTPUT_DIR/build.Dockerfile" <<'EOF'
        ARG base_image
        FROM ${base_image}
        USER root
        RUN apt-get update && apt-get install --yes --no-install-recommends curl
        EOF

        """

    private var readme: String {
        """
        # \(request.info.reference.id)

        An image extension for Cloud Native Buildpacks. `bin/detect` says what it provides, `bin/generate` writes Dockerfiles that extend
        the images of a build.

        """
    }
}
