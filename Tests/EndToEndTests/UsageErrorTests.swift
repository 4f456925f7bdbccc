import TestSupport
import Testing

/// A command line that makes no sense ends with 64, whoever finds it out, and changes nothing.
struct UsageErrorTests {
    private static let lines = [
        "build app --cache type=kaniko", "build app --cache build", "build app --cache-from nowhere", "build app --cache-to type=local",
        "build app --cache-image x@y", "build app --compression lzma", "build app --compression zstd:99", "build app --pull-policy often",
        "build app --pull-policy interval=soon", "build Not_An_Image", "build app --tag A", "build app --builder A",
        "build app --run-image A",
        "build app --previous-image A", "build app --output nowhere", "build app --volume x", "build app --uid=-1",
        "build app --creation-time soon", "build app --platform mars", "build app --exec-env a/b", "build app --workspace a/b",
        "build app --builder a --build-image b", "build app --bilder b", "build",
        "detect app --pull-policy often", "detect A", "run A", "run -v x app", "run -p 1:2 app",
        "rebase", "rebase --all app", "rebase A", "rebase app --pull-policy often", "rebase app --output json", "rebase app --run-image A",
        "cache prune --keep-size lots", "cache prune --unused-for ever", "cache prune A", "cache inspect A", "prune --unused-for ever",
        "config pull-policy often", "config default-builder A", "images rm A", "images pull A", "images pull a --platform mars",
        "images push A", "images export app nowhere", "images import nowhere app", "images import oci:x A", "inspect A", "sbom download A",
        "builder create A -c x.toml", "builder create b -c x.toml --pull-policy often", "builder create b -c x.toml --target mars/",
        "builder inspect A", "buildpack package A", "buildpack package p --pull-policy often", "buildpack package p --config a --path b",
        "buildpack inspect x --depth=-2", "buildpack new A:b", "extension new A:b", "base create A",
    ]

    @Test func everyLine() async throws {
        let tote = try await ToteCase()
        let before = tote.state()
        for line in Self.lines {
            let result = try await tote.command(line.split(separator: " ").map(String.init)).run()
            #expect(result.status == 64 && result.out.isEmpty && !result.error.isEmpty, "\(line): \(result)")
        }
        #expect(tote.state() == before)
    }
}
