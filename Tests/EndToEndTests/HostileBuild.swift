import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// A build whose buildpack `bad/bp` (of a builder, so that it may write SBOMs) runs an attack, with a secret on the host.
struct HostileBuild {
    let tote: ToteCase
    /// What must never be seen.
    let secret: String
    /// Where it is: on the host, and nowhere in the sandbox.
    let secretFile: String

    static let formats = #"sbom-formats = ["application/vnd.cyclonedx+json", "application/spdx+json", "application/vnd.syft+json"]"#

    init(detect: String = "exit 0", next: String = "exit 0") async throws {
        tote = try await ToteCase()
        secret = "secret-of-the-host-" + String(UInt64.random(in: 0 ... .max), radix: 36)
        secretFile = tote.scratch.path("vault/secret")
        try tote.scratch.makeFile("vault/secret", secret)
        try tote.scratch.makeFile("vault/x.toml", "[types]\nlaunch = true\nbuild = true\ncache = true\n[metadata]\nkey = \"\(secret)\"\n")
        let preamble = Self.tools.replacing("@SECRET@", with: secretFile)
        try await tote.makeBuilder(
            BuilderFolder(
                "bad/bp", detect: preamble + "\n" + detect.replacing("@SECRET@", with: secretFile), build: preamble + "\n. ./attack.sh",
                more: Self.formats),
            BuilderFolder("good/bp", build: next))
    }

    /// `put KIND PATH` puts an obstacle in the place of a file.
    private static let tools = """
        S=@SECRET@
        put() {
            rm -rf "$2"; mkdir -p "$(dirname "$2")"
            case $1 in
                link) ln -s "$S" "$2" ;;
                folder-link) ln -s "$(dirname "$S")" "$2" ;;
                magic-link) ln -s "/proc/self/root$S" "$2" ;;
                dots-link) ln -s "../../../../../../../../../..$S" "$2" ;;
                loop) ln -s "$2" "$2" ;;
                pipe) mkfifo "$2" ;;
                folder) mkdir "$2"; echo x > "$2/x" ;;
                huge) truncate -s 10G "$2" ;;
                zero-link) ln -s /dev/zero "$2" ;;
                root-link) ln -s / "$2" ;;
                closed) echo > "$2"; chmod 000 "$2" ;;
                closed-folder) mkdir "$2"; echo x > "$2/x"; chmod 000 "$2" ;;
                binary) printf '\\377\\376\\000\\001' > "$2" ;;
            esac
        }
        """

    /// Builds with this attack and judges whatever comes out of it.
    @discardableResult
    func attack(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> ProgramResult {
        try tote.write("attack.sh", script)
        var program = tote.command(tote.buildArguments("app", ["--builder", "own"]))
        program.limit = .seconds(60)
        let build = try await program.run()
        try judge(build, script, sourceLocation)
        return build
    }

    func judge(_ build: ProgramResult, _ attack: String, _ sourceLocation: SourceLocation) throws {
        let what: Comment = "\(attack)\n\(build)"
        #expect(!build.timedOut, what, sourceLocation: sourceLocation)
        #expect(!build.out.contains(secret) && !build.error.contains(secret), what, sourceLocation: sourceLocation)
        #expect(build.peakMemory < 300 << 20, what, sourceLocation: sourceLocation)
        #expect(tote.leftInTmp().isEmpty, what, sourceLocation: sourceLocation)
        let store = try tote.store()
        #expect(try store.validate().isEmpty, what, sourceLocation: sourceLocation)
        if build.succeeded {
            let image = try tote.image()
            #expect(try !ImageContents(of: image, in: store).contains(secret), what, sourceLocation: sourceLocation)
            #expect(!String(decoding: image.configBytes, as: UTF8.self).contains(secret), what, sourceLocation: sourceLocation)
        } else {
            // 52 and 62 are the statuses of results that are not valid, 51 that of the script, 20 to 22 those of detection.
            #expect([20, 21, 22, 51, 52, 62].contains(build.status), what, sourceLocation: sourceLocation)
            let told = build.errorLines.first { $0.hasPrefix("ERROR: ") }
            // Which one put an obstacle in the way of the next cannot always be known, but it was a buildpack, and paths are those that it sees.
            #expect(
                told?.contains("bad/bp") == true || told?.contains("buildpack") == true || build.status / 10 == 2, what,
                sourceLocation: sourceLocation)
            #expect(told?.contains(tote.home) == false || build.status / 10 == 2, what, sourceLocation: sourceLocation)
            #expect(!build.error.contains("Fatal error"), what, sourceLocation: sourceLocation)
        }
    }
}
