import Archive
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// What docs/security.md promises, seen from inside a script.
struct SandboxPromiseTests {
    /// What the script printed.
    private func output(
        _ script: String, _ arguments: [String] = [], environment: [String: String] = [:], prepare: (ToteCase) throws -> Void = { _ in }
    )
        async throws -> [String]
    {
        let tote = try await ToteCase()
        try tote.project(script)
        try prepare(tote)
        let build = try await tote.command(tote.buildArguments("app", arguments), environment: environment).run()
        #expect(build.succeeded, "\(build)")
        let mark = "[test/script] "
        return build.errorLines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }

    @Test func theEnvironmentIsTheSpecifications() async throws {
        let lines = try await output(
            "env",
            environment: [
                "MARKER_OF_THE_CALLER": "seen", "AWS_SECRET_ACCESS_KEY": "hunter2", "CNB_REGISTRY_AUTH": "{}", "LD_PRELOAD": "",
                "CNB_X": "y",
            ])
        let variables = Dictionary(
            lines.compactMap { line in
                line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }, uniquingKeysWith: { first, _ in first })
        // C-20, C-30 and what a shell adds itself.
        let expected: Set<String> = [
            "CNB_BP_PLAN_PATH", "CNB_BUILDPACK_DIR", "CNB_LAYERS_DIR", "CNB_PLATFORM_DIR", "CNB_STACK_ID", "CNB_TARGET_ARCH",
            "CNB_TARGET_DISTRO_NAME",
            "CNB_TARGET_DISTRO_VERSION", "CNB_TARGET_OS", "CNB_EXEC_ENV", "HOME", "PATH",
        ]
        #expect(
            Set(variables.keys).subtracting(["PWD", "SHLVL", "OLDPWD", "_", "CNB_TARGET_ARCH_VARIANT"]).subtracting(expected).isEmpty,
            "\(variables)")
        #expect(variables["HOME"] == "/home/cnb")  // C-32
        #expect(variables["PATH"] == TinyBase.path)
        #expect(variables["CNB_LAYERS_DIR"] == "/layers/test_script")
        #expect(variables["PWD"] == "/workspace")
    }

    @Test func whoAndWhere() async throws {
        let lines = try await output(
            """
            id -u; id -g; id -G; pwd; umask; cat | wc -c; hostname > /dev/null && echo named
            grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr '\\t' ' '
            ls /proc | grep -c '^[0-9]'
            """)
        #expect(lines.prefix(6) == ["1000", "1000", "1000", "/workspace", "0022", "0"])
        #expect(lines.contains("CapEff: 0000000000000000"))
        #expect(lines.contains("CapBnd: 0000000000000000"))
        #expect(lines.contains("NoNewPrivs: 1"))
        #expect(lines.contains("Seccomp: 2"))
        // Its own processes only: the shell, ls and grep.
        #expect((lines.last.flatMap { Int($0) } ?? 99) <= 4, "\(lines)")
    }

    @Test func whatIsReadOnly() async throws {
        let lines = try await output(
            """
            for path in /cnb/x /cnb/buildpacks/test_script/0.0.0/bin/build /platform/x /platform/env/X /etc/passwd /proc/sys/kernel/hostname /sys/x; do
                (echo x >> $path) 2> /dev/null && echo wrote $path
            done
            for path in /workspace/x /layers/x /tmp/x "$HOME/x" "$CNB_LAYERS_DIR/x"; do (echo x > $path) 2> /dev/null || echo could not write $path; done
            mount -t tmpfs none /tmp 2> /dev/null && echo mounted
            mknod /tmp/zero c 1 5 2> /dev/null && echo made a device
            kill -0 -1 2> /dev/null && echo sees processes
            unshare -U true 2> /dev/null && echo new namespace
            exit 0
            """)
        #expect(lines == [])
    }

    /// The app is a copy: what scripts do to it never reaches the user's files (IN-16).
    @Test func theSourceIsUntouched() async throws {
        let tote = try await ToteCase()
        try tote.project("rm -rf * .hidden; echo new > new")
        try tote.write("keep/file", "mine\n", mode: 0o640)
        try tote.write(".hidden", "mine\n")
        let listing = Program(
            ["sh", "-c", "find . -exec stat -c '%n %a %u %g %Y %i' {} + | sort; find . -type f -exec sha256sum {} + | sort"],
            directory: tote.app)
        let before = try await listing.run().out
        let build = try await tote.build()
        #expect(build.succeeded, "\(build)")
        #expect(try await listing.run().out == before)
        let contents = try tote.contents()
        #expect(contents["/workspace/new"]?.text == "new\n")
        #expect(
            contents["/workspace/keep/file"] == nil && contents["/workspace/.hidden"] == nil && contents["/workspace/project.toml"] == nil)
    }

    /// Files of the host are not there.
    @Test func theHostIsNotThere() async throws {
        let secret = try ScratchDirectory()
        try secret.write("secret", to: "file")
        chmod(secret.path, 0o755)
        let lines = try await output(
            "cat \(secret.path("file")) /proc/1/root\(secret.path("file")) /proc/self/root/../..\(secret.path("file")) 2> /dev/null; ls /root /home; grep -c tote /proc/self/mountinfo"
        )
        #expect(!lines.contains("secret"))
        #expect(lines.contains("cnb"))
    }

    @Test func noNetworkMeansLoopbackOnly() async throws {
        let lines = try await output("cut -d: -f1 -s /proc/net/dev", ["--network", "none"])
        #expect(lines.map { $0.filter { $0 != " " } } == ["lo"])
    }

    @Test func theHostsNetworkByDefault() async throws {
        let own = try String(decoding: Data(contentsOf: URL(filePath: "/proc/self/net/dev")), as: UTF8.self).split(separator: "\n").count
        let lines = try await output("cat /proc/net/dev")
        #expect(lines.count == own)
    }

    /// A-41, A-42, IN-17.
    @Test func variablesOfTheUser() async throws {
        let lines = try await output(
            #"echo "$FROM_FLAG|$FROM_FILE|$BOTH|$FROM_PROJECT|$TAKEN|$EMPTY"; for n in FROM_FLAG FROM_FILE BOTH FROM_PROJECT TAKEN EMPTY; do echo "$n=$(cat "$2/env/$n")"; done; ls "$2/env" | wc -l"#,
            ["--env", "FROM_FLAG=a b=c", "--env-file", "more.env", "-e", "BOTH=flag", "--env", "TAKEN", "--env", "EMPTY"],
            environment: ["TAKEN": "taken"]
        ) { tote in
            try tote.scratch.write("FROM_FILE=x y\n\nBOTH=file\n  FROM_PROJECT=of the file \n", to: "more.env")
            let text = tote.scratch.text("app/project.toml")
            try tote.write("project.toml", text + "\n[[io.buildpacks.build.env]]\nname = \"FROM_PROJECT\"\nvalue = \"$HOME\"\n")
        }
        #expect(
            lines == [
                "a b=c|x y|flag|of the file|taken|", "FROM_FLAG=a b=c", "FROM_FILE=x y", "BOTH=flag", "FROM_PROJECT=of the file",
                "TAKEN=taken", "EMPTY=", "6",
            ])
    }

    /// A-44: no interpolation. D-43: none of it is in the image.
    @Test func variablesOfTheBuildStayOutOfTheImage() async throws {
        let tote = try await ToteCase()
        try tote.project(
            InlineScript("echo \"$LITERAL\""), more: "[[io.buildpacks.build.env]]\nname = \"LITERAL\"\nvalue = \"$HOME ${PATH}\"\n")
        let build = try await tote.build("app", "--env", "TOKEN=build-time-token")
        #expect(build.errorLines.contains("[test/script] $HOME ${PATH}"), "\(build)")
        #expect(!String(decoding: try tote.image().configBytes, as: UTF8.self).contains("build-time-token"))
        #expect(try !tote.contents().contains("build-time-token"))
    }

    /// The CA bundle is there for the time of the build, and not in the image.
    @Test func certificatesAreNotInTheImage() async throws {
        let bundle = "/etc/ssl/certs/ca-certificates.crt"
        try #require(Peer.exists(bundle), "install ca-certificates")
        let tote = try await ToteCase()
        try tote.project(
            "wc -c < ${SSL_CERT_FILE:-/dev/null}; cmp $SSL_CERT_FILE $CURL_CA_BUNDLE; (echo x >> $SSL_CERT_FILE) 2> /dev/null && echo wrote it; exit 0"
        )
        let plain = try await tote.build("plain")
        let build = try await tote.build("app", "--ca-certificates", bundle)
        #expect(build.succeeded, "\(build)")
        #expect(build.error.contains("[test/script] \(try Data(contentsOf: URL(filePath: bundle)).count)"), "\(build)")
        #expect(try tote.image().digest == tote.image("plain").digest, "\(plain)")
    }

    @Test func anotherWorkspaceAndUser() async throws {
        let tote = try await ToteCase()
        try tote.project("pwd; id -u; id -g; echo x > made")
        let build = try await tote.build("app", "--workspace", "site", "--uid", "1234", "--gid", "2345")
        let lines = build.errorLines.filter { $0.hasPrefix("[test/script]") }
        #expect(lines == ["[test/script] /site", "[test/script] 1234", "[test/script] 2345"], "\(build)")
        let made = try #require(try tote.contents()["/site/made"])
        #expect(made.header.owner.user == 1234 && made.header.owner.group == 2345)
        #expect(try tote.image().config.settings.workingDirectory == "/site")
    }
}
