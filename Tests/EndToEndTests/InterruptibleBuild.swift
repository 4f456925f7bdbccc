import TestSupport

/// A build that takes long enough to be interrupted everywhere.
enum InterruptibleBuild {
    /// Layers, a cached layer and an app that take long enough to be interrupted everywhere.
    private static let script = """
        cd "$CNB_LAYERS_DIR"
        for name in one two; do
            mkdir -p $name; printf '[types]\\nlaunch = true\\ncache = true\\n' > $name.toml
            i=0; while [ $i -lt 200 ]; do echo $name $i > $name/$i; i=$((i + 1)); done
            dd if=/workspace/random of=$name/copy bs=64k 2> /dev/null; sleep 0.05
        done
        """

    static func make(_ account: Account = .current) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try tote.project(script)
        // Not random at all: the digests of all builds must be equal.
        try tote.write("random", (0..<60_000).map { "\($0 &* 2_654_435_761)" }.joined(separator: "\n"))
        try await tote.giveAway()
        return tote
    }
}
