import TestSupport
import Testing

/// What bad input gets: one error that says what, where and what to do, the documented status, and nothing changed on disk.
struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// project.toml; none when nil.
        var project: String?
        var files: [String: String] = [:]
        var arguments: [String] = []
        var status: Int32 = 1
        /// Standard error from its last `ERROR:` on, or all of it when `isWhole`.
        var error: String
        /// Whether nothing is said before the error.
        var isWhole = true

        var testDescription: String { name }
    }

    @Test(arguments: descriptors + images + options + outputs)
    func isTold(_ bad: Case) async throws {
        let tote = try await ToteCase()
        if let project = bad.project { try tote.write("project.toml", project) }
        for (name, text) in bad.files { try tote.write(name, text) }
        let before = tote.state()
        let arguments =
            ["build", "app", "--path", "app", "--pull-policy", "never"] + (bad.arguments.isEmpty ? ["--builder", "tiny"] : bad.arguments)
        let build = try await tote.command(arguments).run()
        #expect(build.status == bad.status, "\(build)")
        #expect(build.out == "")
        let told = tote.filtered(build.error)
        let error = bad.isWhole ? told : told.ranges(of: "ERROR:").last.map { String(told[$0.lowerBound...]) } ?? told
        #expect(error == bad.error + "\n")
        #expect(build.error.ranges(of: "ERROR:").count == 1)
        #expect(tote.state() == before)
        #expect(tote.leftInTmp().isEmpty)
    }

    private static let head = "[_]\nschema-version = \"0.2\"\n"

    static let descriptors: [Case] = [
        Case(
            name: "TOML syntax error", project: "[_]\nschema-version = \"0.2\"\n[io.buildpacks]\nbuilder = tiny\n",
            error: """
                ERROR: app/project.toml:4:11: invalid value 'tiny'
                  |
                4 | builder = tiny
                  |           ^
                """),
        Case(
            name: "text that never ends", project: head + "[[io.buildpacks.group]]\nid = \"a\n",
            error: """
                ERROR: app/project.toml:4:6: unterminated string
                  |
                4 | id = "a
                  |      ^
                """),
        Case(
            name: "include and exclude (A-7)", project: head + "[io.buildpacks]\ninclude = [\"src\"]\nexclude = []\n",
            error: """
                ERROR: app/project.toml:5:1: project.toml: cannot have both include and exclude defined
                  |
                5 | exclude = []
                  | ^
                hint: keep one of them: 'include' names all that is wanted, 'exclude' all that is not
                """),
        Case(
            name: "no api (A-12)",
            project: head + "[[io.buildpacks.group]]\nid = \"me/x\"\n[io.buildpacks.group.script]\ninline = \"true\"\n",
            error: """
                ERROR: app/project.toml:5:22: Missing API version for inline buildpack
                  |
                5 | [io.buildpacks.group.script]
                  |                      ^
                hint: add to its script table: api = "0.12" (supported are 0.7, 0.8, 0.9, 0.10, 0.11, 0.12)
                """),
        Case(
            name: "unsupported api",
            project: head + "[[io.buildpacks.group]]\nid = \"me/x\"\n[io.buildpacks.group.script]\napi = \"0.99\"\ninline = \"true\"\n",
            status: 12,
            error: """
                ERROR: app/project.toml:6:1: inline buildpack: buildpack API version '0.99' is not supported
                  |
                6 | api = "0.99"
                  | ^
                hint: supported are 0.7, 0.8, 0.9, 0.10, 0.11, 0.12
                """),
        Case(
            name: "no id (A-9)",
            project: head + "[[io.buildpacks.group]]\n[io.buildpacks.group.script]\napi = \"0.10\"\ninline = \"true\"\n",
            error: """
                ERROR: app/project.toml:3:1: project.toml: buildpacks must have an id or url defined
                  |
                3 | [[io.buildpacks.group]]
                  | ^
                hint: give the inline buildpack a name: id = "me/my-script"
                """),
        Case(
            name: "wrong type", project: head + "[io.buildpacks]\nexclude = \"target\"\n",
            error: """
                ERROR: app/project.toml:4:1: 'io.buildpacks.exclude' must be an array of strings, found a string
                  |
                4 | exclude = "target"
                  | ^
                """),
        Case(
            name: "unknown schema (A-3)", project: "[_]\nschema-version = \"0.9\"\n",
            error: """
                ERROR: app/project.toml:2:1: unknown project descriptor schema version 0.9
                  |
                2 | schema-version = "0.9"
                  | ^
                hint: use one of 0.1, 0.2, 0.3
                """),
        Case(
            name: "no text at all", project: nil, arguments: ["--builder", "tiny", "--descriptor", "tote/images"],
            error: """
                ERROR: the project descriptor 'tote/images' is not a regular file
                """),
        Case(
            name: "descriptor that does not exist (A-1)", project: nil, arguments: ["--builder", "tiny", "--descriptor", "other.toml"],
            error: """
                ERROR: there is no project descriptor 'other.toml'
                hint: check the path given with --descriptor
                """),
        Case(
            name: "nothing to build with", project: head, status: 20,
            error: """
                ERROR: there is nothing to build with: the builder 'tiny' has no buildpacks in its order, and the project names none
                hint: name buildpacks with --buildpack, or in project.toml, in [[io.buildpacks.group]]
                """, isWhole: false),
        Case(
            name: "buildpack that the builder lacks (A-17)", project: head + "[[io.buildpacks.group]]\nid = \"acme/ruby\"\n",
            error: """
                ERROR: app/project.toml:4:1: no versions of buildpack 'acme/ruby' were found on the builder
                  |
                4 | id = "acme/ruby"
                  | ^
                hint: name it with its place, such as './folder' or 'docker://image'; it has none
                """, isWhole: false),
    ]

    static let images: [Case] = [
        Case(
            name: "no builder", project: head, arguments: ["--network", "none"], status: 2,
            error: """
                ERROR: no builder is named
                hint: name one with --builder, in project.toml as 'builder' of [io.buildpacks], or in the configuration as 'default-builder-image': one of your own made with 'tote base create' and 'tote builder create', or one of these
                  gcr.io/buildpacks/builder:google-22 (Google, Ubuntu 22.04: C++, Dart, .NET, Go, Java, Node.js, PHP, Python, Ruby)
                  heroku/builder:24 (Heroku, Ubuntu 24.04: Go, Java, .NET, Node.js, PHP, Python, Ruby, Scala)
                  heroku/builder:26 (Heroku, Ubuntu 26.04: the same languages)
                  heroku/builder:22 (Heroku, Ubuntu 22.04: the same languages)
                  heroku/builder:20 (Heroku, Ubuntu 20.04: the same languages, for old apps)
                  paketobuildpacks/builder-jammy-base (Paketo, Ubuntu 22.04: Java, Node.js, Go, Python, Ruby, .NET, Apache, NGINX)
                  paketobuildpacks/builder-jammy-full (Paketo, Ubuntu 22.04 with more libraries: the same and PHP)
                  paketobuildpacks/builder-jammy-tiny (Paketo, Ubuntu 22.04, next to nothing in the run image: Go, Java native images)
                  paketobuildpacks/builder-jammy-buildpackless-static (Paketo, Ubuntu 22.04, static run image, no buildpacks)
                  paketobuildpacks/ubuntu-noble-builder (Paketo, Ubuntu 24.04: Java, Node.js, Go, Python, .NET)
                  paketobuildpacks/builder-ubi8-base (Paketo, Red Hat UBI 8: Java, Node.js)
                  paketobuildpacks/ubi-9-builder (Paketo, Red Hat UBI 9: Java, Node.js)
                  paketobuildpacks/ubi-10-builder (Paketo, Red Hat UBI 10: Java, Node.js)
                """),
        Case(
            name: "builder that does not exist", project: head, arguments: ["--builder", "nobody/builder"],
            error: """
                ERROR: the builder 'nobody/builder' is not in tote's store, and the pull policy is 'never'
                hint: use --pull-policy if-not-present
                """, isWhole: false),
        Case(
            name: "builder that is none", project: head, arguments: ["--builder", "tiny-run"],
            error: """
                ERROR: 'tiny-run' is not a builder: it has no label 'io.buildpacks.builder.metadata'
                hint: make one with 'tote builder create'
                """, isWhole: false),
        Case(
            name: "builder name that is none", project: head, arguments: ["--builder", "Tiny"], status: 64,
            error: """
                ERROR: --builder: 'Tiny' is not an image reference: a repository is written in lower case
                    Tiny
                    ^
                hint: use 'tiny'
                """),
        Case(
            name: "builder name in the descriptor that is none", project: head + "[io.buildpacks]\nbuilder = \"UPPER\"\n",
            arguments: ["--network", "none"],
            error: """
                ERROR: app/project.toml:4:1: the builder in the project descriptor: 'UPPER' is not an image reference: a repository is written in lower case
                    UPPER
                    ^
                  |
                4 | builder = "UPPER"
                  | ^
                hint: use 'upper'
                """),
        Case(
            name: "run image that does not exist", project: head + InlineScript("true").toml,
            arguments: ["--builder", "tiny", "--run-image", "nobody/run"],
            error: """
                ERROR: the run image 'nobody/run' is not in tote's store, and the pull policy is 'never'
                hint: use --pull-policy if-not-present
                """, isWhole: false),
        Case(
            name: "the builder's own name (L-21)", project: head + InlineScript("true").toml, arguments: ["--builder", "app"],
            error: """
                ERROR: forbidden image name: 'app' would overwrite the builder
                hint: choose another name
                """, isWhole: false),
    ]

    static let options: [Case] = [
        Case(
            name: "path that does not exist", project: nil, arguments: ["--builder", "tiny", "--path", "nowhere"],
            error: """
                ERROR: reading the app's folder '$DIR/nowhere': No such file or directory
                hint: check the path given with --path
                """),
        Case(
            name: "path that is a file", project: head, arguments: ["--builder", "tiny", "--path", "app/project.toml"],
            error: """
                ERROR: the app '$DIR/app/project.toml' is neither a folder nor a zip
                hint: give the folder that holds the app's source, or a zip of it, with --path
                """),
        Case(
            name: "env file that does not exist", project: head + InlineScript("true").toml,
            arguments: ["--builder", "tiny", "--env-file", "nowhere.env"],
            error: """
                ERROR: there is no environment file '$DIR/nowhere.env'
                hint: check the path given with --env-file
                """),
        Case(
            name: "variable without a name", project: head + InlineScript("true").toml, arguments: ["--builder", "tiny", "--env", "=x"],
            error: """
                ERROR: --env: a variable has no name
                hint: write variables as NAME=VALUE, with letters, digits and '_' in the name
                """),
        Case(
            name: "creation time", project: head, arguments: ["--builder", "tiny", "--creation-time", "yesterday"], status: 64,
            error: """
                ERROR: --creation-time: 'yesterday' is not a time
                hint: give seconds since 1970, such as the output of 'date +%s', or 'now'
                """),
        Case(
            name: "pull policy", project: head, arguments: ["--builder", "tiny", "--pull-policy", "allways"], status: 64,
            error: """
                ERROR: invalid pull policy allways
                hint: did you mean 'always'?
                """),
        Case(
            name: "root as the build user (L-61)", project: head + InlineScript("true").toml,
            arguments: ["--builder", "tiny", "--uid", "0"],
            error: """
                ERROR: refusing to run buildpacks as root
                hint: use a builder whose CNB_USER_ID is not 0, or --uid
                """, isWhole: false),
        Case(
            name: "workspace", project: head + InlineScript("true").toml, arguments: ["--builder", "tiny", "--workspace", "../etc"],
            status: 64,
            error: """
                ERROR: --workspace: '../etc' is not a folder name
                hint: use letters, digits, '.', '_' and '-'
                """),
        Case(
            name: "CA certificates", project: head + InlineScript("true").toml,
            arguments: ["--builder", "tiny", "--ca-certificates", "nowhere.pem"],
            error: """
                ERROR: no certificates can be read from '$DIR/nowhere.pem'
                hint: it must be a PEM file ('-----BEGIN CERTIFICATE-----')
                """),
    ]

    static let outputs: [Case] = [
        Case(
            name: "failing script",
            project: head
                + InlineScript("for i in $(seq 15); do echo line $i; done; sleep 0.2; echo oh no >&2; sleep 0.2; exit 7", id: "me/broken")
                .toml,
            status: 51,
            error: """
                ERROR: the build script of buildpack 'me/broken@0.0.0' failed: exit status 7; its last lines were
                  line 7
                  line 8
                  line 9
                  line 10
                  line 11
                  line 12
                  line 13
                  line 14
                  line 15
                  oh no
                """, isWhole: false),
        Case(
            name: "no such interpreter", project: head + InlineScript("true", shell: "/usr/bin/perl -w").toml, status: 51,
            error: """
                ERROR: the build script of buildpack 'test/script@0.0.0' failed: could not be started: the interpreter '/usr/bin/perl' of '/cnb/buildpacks/test_script/0.0.0/bin/build' does not exist; its last lines were
                  exec container process (missing dynamic library?) `/cnb/buildpacks/test_script/0.0.0/bin/build`: No such file or directory
                """, isWhole: false),
        Case(
            name: "two default processes",
            project: head
                + InlineScript(
                    #"printf '[[processes]]\ntype = "a"\ncommand = ["true"]\ndefault = true\n[[processes]]\ntype = "b"\ncommand = ["true"]\ndefault = true\n' > "$CNB_LAYERS_DIR/launch.toml""#
                ).toml, status: 52,
            error: """
                ERROR: /layers/test_script/launch.toml:8:1: buildpack 'test/script@0.0.0': invalid launch.toml: multiple default process types aren't allowed: 'a', 'b'
                  |
                8 | default = true
                  | ^
                """, isWhole: false),
        Case(
            name: "undeclared SBOM type", project: head + InlineScript(#"echo '{}' > "$CNB_LAYERS_DIR/launch.sbom.cdx.json""#).toml,
            status: 52,
            error: """
                ERROR: buildpack 'test/script@0.0.0': undeclared SBOM media type: buildpack 'test/script@0.0.0' wrote 'launch.sbom.cdx.json' but its sbom-formats lack 'application/vnd.cyclonedx+json'
                hint: declare it in buildpack.toml, in [buildpack]: sbom-formats = ["application/vnd.cyclonedx+json"]; an inline buildpack cannot
                """, isWhole: false),
        Case(
            name: "broken launch.toml",
            project: head + InlineScript(#"printf '[[processes]]\ntype = web\n' > "$CNB_LAYERS_DIR/launch.toml""#).toml,
            status: 52,
            error: """
                ERROR: /layers/test_script/launch.toml:2:8: buildpack 'test/script@0.0.0': invalid launch.toml: invalid value 'web'
                  |
                2 | type = web
                  |        ^
                """, isWhole: false),
        Case(
            name: "command of the wrong type (IN-14)",
            project: head + InlineScript(#"printf '[[processes]]\ntype = "web"\ncommand = "x"\n' > "$CNB_LAYERS_DIR/launch.toml""#).toml,
            status: 52,
            error: """
                ERROR: /layers/test_script/launch.toml:3:1: buildpack 'test/script@0.0.0': invalid launch.toml: 'processes.command' must be an array of strings, found a string
                  |
                3 | command = "x"
                  | ^
                """, isWhole: false),
        Case(
            name: "layer that cannot be reused (IN-13)",
            project: head + InlineScript(#"printf '[types]\nlaunch = true\n' > "$CNB_LAYERS_DIR/x.toml""#).toml,
            status: 62,
            error: """
                ERROR: cannot reuse 'test/script:x', previous image has no metadata for layer 'test/script:x'
                hint: the buildpack must make the layer's folder again when there is no image to take it from
                """, isWhole: false),
        Case(
            name: "unknown default process", project: head + InlineScript(Hello.script).toml,
            arguments: ["--builder", "tiny", "--default-process", "web"],
            status: 62,
            error: """
                ERROR: tried to set web to default but it doesn't exist
                hint: the image has hello
                """, isWhole: false),
        Case(
            name: "process type with a slash",
            project: head
                + InlineScript(#"printf '[[processes]]\ntype = "../web"\ncommand = ["x"]\n' > "$CNB_LAYERS_DIR/launch.toml""#).toml,
            status: 62,
            error: """
                ERROR: process type '../web' of buildpack 'test/script' contains '/', which is not allowed
                hint: use letters, digits, '.', '_' and '-'
                """, isWhole: false),
    ]
}
