import OCIImage
import TestSupport
import Testing

/// What a daemon runs is what `tote run` runs.
@Suite(.serialized) struct DaemonRunTests {
    /// Shows its arguments and variables and where it is, on both streams, and ends with a status of its own.
    private static let app = InlineScript(
        """
        cat > show.sh <<'END'
        #!/bin/sh
        echo "process: $0"
        for argument; do echo "argument: '$argument'"; done
        env | grep -E '^(CNB|SHOWN|GREETING|FROM_RUN_IMAGE|LANG|HOME|PATH)' | sort
        id -u; pwd; cat /etc/tiny-run
        echo "on standard error" >&2
        exit ${STATUS:-0}
        END
        chmod +x show.sh
        mkdir -p "$CNB_LAYERS_DIR/vars/env.launch/worker" "$CNB_LAYERS_DIR/vars/bin"
        printf layer > "$CNB_LAYERS_DIR/vars/env.launch/SHOWN_LAYER.override"
        printf worker > "$CNB_LAYERS_DIR/vars/env.launch/worker/SHOWN_WORKER.override"
        printf '[types]\\nlaunch = true\\n' > "$CNB_LAYERS_DIR/vars.toml"
        cat > "$CNB_LAYERS_DIR/launch.toml" <<'END'
        [[processes]]
        type = "web"
        command = ["/workspace/show.sh", "always"]
        args = ["unless", "others are given"]
        default = true
        [[processes]]
        type = "worker"
        command = ["sh", "-c", "STATUS=3 exec ./show.sh from worker"]
        working-dir = "/workspace"
        END
        """, api: "0.10")

    /// The same wish in the words of both.
    struct Line: Sendable, CustomTestStringConvertible {
        var tote: [String]
        var daemon: [String]
        var status: Int32 = 0
        var testDescription: String { tote.joined(separator: " ") }

        /// Options before the image's name and arguments behind it are the same but for the process.
        init(_ options: [String] = [], process: String? = nil, entrypoint: String? = nil, _ arguments: [String] = [], status: Int32 = 0) {
            let start = (process ?? entrypoint).map { ["--entrypoint", $0] } ?? []
            tote = ["run"] + options + (process.map { ["--process", $0] } ?? start) + ["app"] + arguments
            daemon = options + start + ["app"] + arguments
            self.status = status
        }
    }

    static let lines = [
        Line(), Line([], ["other", "words with spaces", "$HOME", ""]), Line(["-e", "GREETING=hello  you"]),
        Line(["-e", "STATUS=7", "-e", "SHOWN_LAYER=mine"], status: 7), Line(process: "worker", status: 3),
        Line(["-e", "GREETING=x"], process: "worker", ["more"], status: 3),
        Line(entrypoint: "launcher", ["echo $SHOWN_LAYER; exit 5"], status: 5),
        Line(entrypoint: "launcher", ["--", "sh", "-c", "echo direct $0", "zero"]),
        Line(entrypoint: "launcher", ["no-such-program-anywhere"], status: 127),
    ]

    @Test(
        .enabled(
            if: RealDaemon.isThere(.dockerd) && Peer.isThere("docker"), "dockerd or docker is not installed, or this is not root"))
    func dockerRunPrintsWhatToteRunPrints() async throws { try await compare(.dockerd) }

    @Test(.enabled(if: RealDaemon.isThere(.podman) && Peer.isThere("runc"), "podman or runc is not installed, or this is not root"))
    func podmanRunPrintsWhatToteRunPrints() async throws { try await compare(.podman) }

    private func compare(_ kind: RealDaemon.Kind) async throws {
        let tote = try await ToteCase()
        try tote.project(Self.app)
        let daemon = try RealDaemon(kind)
        try await daemon.answers()
        let build = try await tote.build(
            "app", "--output", "docker", "--report-output-dir", ".", environment: ["DOCKER_HOST": "unix://\(daemon.socket)"])
        try #require(build.succeeded, "\(build) \(daemon.log.suffix(2000))")
        // D-75: the daemon's own id for it.
        let id = try tote.image().manifest.config.digest
        #expect(tote.scratch.text("report.toml").contains("image-id = \"\(id)\""))
        // A home without the image gets the SBOMs from the daemon, and keeps nothing of it.
        let other = try await ToteCase(isEmpty: true)
        let download = try await other.tote(
            "sbom", "download", "app", "-o", "down", environment: ["DOCKER_HOST": "unix://\(daemon.socket)"])
        #expect(download.succeeded, "\(download)")
        #expect(other.scratch.text("down/layers/sbom/launch/sbom.legacy.json") == "null\n")
        #expect(try other.store().list().isEmpty)
        #expect(other.leftInTmp().isEmpty)
        // The first run unpacks layers and says so.
        try #require(try await tote.tote("run", "app").succeeded)
        for line in Self.lines {
            let ours = try await tote.command(line.tote).run()
            let theirs = try await Program(daemon.runPrefix + line.daemon).run()
            #expect(ours.status == line.status, "\(line): \(ours)")
            #expect(theirs.status == ours.status, "\(line): \(theirs)")
            #expect(theirs.out == ours.out, "\(line)")
            #expect(theirs.error == ours.error, "\(line)")
        }
    }
}
