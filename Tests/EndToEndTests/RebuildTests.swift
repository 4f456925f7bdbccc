import Archive
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// Rebuilds whose cached layers are mounted (D.2, D.9): whatever a buildpack does to a restored layer, the image is the one that a build with
/// copied layers makes, and what was left alone is neither read nor written.
struct RebuildTests {
    /// A layer with files, folders and links, made when it is missing, and then the edit of this build.
    private static let script = #"""
        set -e
        layer="$1/data"
        if [ ! -d "$layer" ]; then
          mkdir -p "$layer/a/deep" "$layer/b" "$layer/empty"
          for i in 1 2 3 4 5 6; do echo "file $i" > "$layer/a/f$i"; echo "other $i" > "$layer/b/g$i"; done
          head -c 300000 /dev/zero > "$layer/a/deep/big"
          ln -s f1 "$layer/a/link"
          chmod 700 "$layer/b/g1"
        fi
        printf '[types]\nlaunch = true\ncache = true\n' > "$1/data.toml"
        cd "$layer"
        eval "$EDIT"
        """#

    /// Each works on a layer in any state that the others leave.
    static let edits = [
        "true", "touch a/f1 a b", "[ -f a/f2 ] && cat a/f2 > /tmp/x && cat /tmp/x > a/f2 || true", "echo more >> a/f3",
        "echo new > b/new", "rm -f a/f4", "rm -rf a/deep", "mkdir -p a/deep; head -c 300000 /dev/zero > a/deep/big",
        "chmod 755 b/g2 2>/dev/null || true", "chmod 700 b", "chmod 755 b", "ln -sf f2 a/link", "ln -sf f1 a/link",
        "[ -f a/f5 ] && ln -f a/f5 a/hard || true", "rm -rf b; mkdir b; for i in 1 2 3; do echo again > b/g$i; done",
        "cp -a b c; rm -rf c", "[ -d a/f6 ] || { rm -f a/f6; mkdir a/f6; echo in > a/f6/x; }", "rm -rf a/f6; echo 'file 6' > a/f6",
        "[ -d moved ] && mv moved empty2 || true; [ -d empty ] && mv empty moved || true",
        "rmdir empty2 moved 2>/dev/null || true; mkdir -p empty",
        "cd ..; rm -rf data; mkdir data; echo fresh > data/only; mkdir -p data/a data/b", "mkdir -p x/y/z; rm -rf x",
        "[ -f b/g3 ] && mv b/g3 a/g3 || true", "[ -f a/g3 ] && mv a/g3 b/g3 || true", "echo same > b/same; rm b/same; echo same > b/same",
    ]

    /// Two images of one app, one built with mounts and one with copies, over the same edits.
    private func compare(_ edits: [String]) async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        for (index, edit) in edits.enumerated() {
            let mounted = try await tote.build("mounted", "--env", "EDIT=\(edit)")
            let copied = try await tote.build("copied", "--env", "EDIT=\(edit)", "--restore", "copy")
            try #require(mounted.succeeded && copied.succeeded, "edit \(index) '\(edit)': \(mounted)\(copied)")
            let digests = (mounted.out.split(separator: "@").last, copied.out.split(separator: "@").last)
            try #require(digests.0 == digests.1, "edit \(index), after \(edits.prefix(index + 1)): \(mounted)\(copied)")
        }
        #expect(try tote.store().validate().isEmpty)
        #expect(tote.leftInTmp().isEmpty)
    }

    @Test func everyEditGivesTheImageThatCopiesGive() async throws { try await compare(Self.edits) }

    /// Set TOTE_SLOW_TESTS for 300 random rebuilds.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["TOTE_SLOW_TESTS"] != nil, "set TOTE_SLOW_TESTS for 300 random rebuilds"))
    func randomEdits() async throws {
        var random = SystemRandomNumberGenerator()
        let edits = (0..<300).map { _ in
            (0..<Int.random(in: 1...3, using: &random)).map { _ in
                // An edit may remove the folder that the one before was in.
                "(cd \"$layer\"; " + (Self.edits.randomElement(using: &random) ?? "true") + ")"
            }
            .joined(separator: "; ")
        }
        try await compare(edits)
    }

    /// Of a large layer, what did not change is taken from its last blob: the bytes are those of compressing it all.
    @Test func largeLayersOfWhichLittleChanges() async throws {
        let large = #"""
            set -e
            mkdir -p "$1/data/some"
            if [ ! -e "$1/data/f1" ]; then
              awk -v d="$1/data/f" 'BEGIN { srand(1); for (n = 1; n <= 40; n++) for (i = 0; i < 6000; i++) printf "%s%s\n", rand(), rand() > (d n) }'
            fi
            printf '[types]\nlaunch = true\ncache = true\n' > "$1/data.toml"
            cd "$1/data"
            eval "$EDIT"
            """#
        let tote = try await ToteCase()
        try tote.project(large)
        let edits = [
            "true", "echo more >> f7", "rm f30; mv f2 some/f2; chmod 600 f9", "mv some other; touch f11",
            "cat f12 > x; cat x > f12; rm x; echo 1 >> f40",
            // The folder made anew has only its last file left.
            "mkdir g; for n in 13 14 15 16 17 18 19 20 21; do cp f$n g/a$n; done; echo last > g/z",
            "cp g/z z; rm -r g; mkdir g; mv z g/z",
        ]
        for edit in edits {
            let mounted = try await tote.build("mounted", "--env", "EDIT=\(edit)")
            let copied = try await tote.build("copied", "--env", "EDIT=\(edit)", "--restore", "copy")
            try #require(mounted.succeeded && copied.succeeded, "\(mounted)\(copied)")
            #expect(mounted.out.split(separator: "@").last == copied.out.split(separator: "@").last, "\(edit): \(mounted)\(copied)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: tote.home + "/images/members").count >= 1)
        #expect(try tote.store().validate().isEmpty)
    }

    /// A last blob of which the beginning is damaged is of no use: the layer is made without it, and right.
    @Test func aDamagedLastBlob() async throws {
        let large = #"""
            if [ ! -e "$1/data/f1" ]; then
              mkdir -p "$1/data"
              awk -v d="$1/data/f" 'BEGIN { srand(1); for (n = 1; n <= 40; n++) for (i = 0; i < 6000; i++) printf "%s%s\n", rand(), rand() > (d n) }'
            fi
            printf '[types]\nlaunch = true\ncache = true\n' > "$1/data.toml"
            [ -z "$EDIT" ] || echo "$EDIT" >> "$1/data/f9"
            """#
        let tote = try await ToteCase()
        try tote.project(large)
        try #require(try await tote.build().succeeded)
        let layer = try #require(try tote.image().layers.max { $0.descriptor.size < $1.descriptor.size }).descriptor
        let blob = tote.home + "/images/blobs/sha256/" + layer.digest.hex
        let file = open(blob, O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        try #require(pwrite(file, [UInt8](repeating: 0, count: 1000), 1000, 0) == 1000)
        let next = try await tote.build("app", "--env", "EDIT=more")
        let copied = try await tote.build("copied", "--env", "EDIT=more", "--restore", "copy", "--clear-cache")
        #expect(next.succeeded && copied.succeeded, "\(next)\(copied)")
        #expect(next.out.split(separator: "@").last == copied.out.split(separator: "@").last, "\(next)\(copied)")
    }

    /// A layer that was left alone is not even opened: that its kept contents are wrong does not come out.
    @Test func whatIsUnchangedIsNotRead() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        let first = try await tote.build("app", "--env", "EDIT=true")
        try #require(first.succeeded, "\(first)")
        let kept = try #require(tote.keptLayers().first)
        try Data("FILE 1\n".utf8).write(to: URL(filePath: kept + "/test_script/data/a/f1"))
        let again = try await tote.build("app", "--env", "EDIT=cat a/f1")
        #expect(again.out == first.out)
        #expect(again.errorLines.contains("[test/script] FILE 1"), "\(again)")
        #expect(again.errorLines.contains("Restoring data for \"test/script:data\" from cache"))
        #expect(again.errorLines.contains("Reusing layer 'test/script:data'"))
        #expect(try tote.keptLayers() == [kept])
    }

    /// The next generation takes the place of the old one, which goes: blobs and unpacked layers do not pile up.
    @Test func generationsDoNotPileUp() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        var blobs: Set<Int> = []
        for number in 1...4 {
            let build = try await tote.build("app", "--env", "EDIT=echo \(number) >> a/f1")
            try #require(build.succeeded, "\(build)")
            #expect(try tote.keptLayers().count == 1)
            blobs.insert(try FileManager.default.contentsOfDirectory(atPath: tote.home + "/images/blobs/sha256").count)
        }
        #expect(blobs.count == 1, "\(blobs)")
    }

    /// Kept layers that are gone, or of another boot, are unpacked from their blobs.
    @Test func keptLayersMayGo() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        let first = try await tote.build("app", "--env", "EDIT=true")
        let kept = try #require(tote.keptLayers().first)
        let boot = kept.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        try FileManager.default.moveItem(atPath: boot, toPath: tote.home + "/layers/another-boot")
        let again = try await tote.build("app", "--env", "EDIT=true")
        #expect(again.out == first.out && again.errorLines.contains("Restoring data for \"test/script:data\" from cache"), "\(again)")
        #expect(try tote.keptLayers() == [kept])
    }

    /// A script that fails fails once.
    @Test func otherFailuresAreFailures() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.script)
        try #require(try await tote.build("app", "--env", "EDIT=true").succeeded)
        let failed = try await tote.build("app", "--env", "EDIT=exit 3")
        #expect(failed.status == 51 && failed.error.ranges(of: "===> BUILDING").count == 1, "\(failed)")
    }

    @Test(arguments: Account.ordinary) func asAnOrdinaryUser(account: Account) async throws {
        let tote = try await ToteCase(as: account)
        try tote.project(Self.script)
        try await tote.giveAway()
        for edit in ["true", "true", "echo more >> a/f3; rm -rf b; mkdir b; touch b/x", "mv a z || true", "true"] {
            let mounted = try await tote.build("mounted", "--env", "EDIT=\(edit)")
            let copied = try await tote.build("copied", "--env", "EDIT=\(edit)", "--restore", "copy")
            #expect(mounted.succeeded && copied.succeeded, "\(mounted)\(copied)")
            #expect(mounted.out.split(separator: "@").last == copied.out.split(separator: "@").last, "\(edit): \(mounted)\(copied)")
        }
    }
}

extension ToteCase {
    /// The unpacked layers that were kept for the next build.
    fileprivate func keptLayers() throws -> [String] {
        let boots = try FileManager.default.contentsOfDirectory(atPath: home + "/layers")
        return try boots.flatMap { boot in
            try FileManager.default.contentsOfDirectory(atPath: "\(home)/layers/\(boot)").map { "\(home)/layers/\(boot)/\($0)" }
        }
    }
}
