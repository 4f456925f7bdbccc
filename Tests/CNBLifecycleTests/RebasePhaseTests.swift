import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import TestSupport
import Testing

@Suite("Rebase phase (F)")
struct RebasePhaseTests {
    /// An app image of one layer on the run image of the tests.
    private static func app(
        _ root: TestRoot, family: MediaType.Family = .oci, api: String? = "0.12",
        change: (inout ImageConfig, inout LifecycleMetadata) -> Void = { _, _ in }
    ) throws -> RebaseApp {
        let base = try root.runImage(family)
        var metadata = LifecycleMetadata()
        metadata.runImage = RunImageRecord(
            topLayer: base.config.diffIDs.last?.description ?? "", reference: "old",
            image: RunImage(image: "acme/run:1", mirrors: ["ghcr.io/acme/run:1"]))
        let layer = try root.storeLayer([("app", "app\n")])
        let image = try base.appending([NewLayer(layer, history: History(createdBy: "Application Layer"))])
        var config = image.config
        change(&config, &metadata)
        config.settings.labels[LabelName.lifecycleMetadata] = try metadata.labelText()
        if let api { config.settings.environment.append("CNB_PLATFORM_API=\(api)") }
        return try RebaseApp(try image.with(config: config), name: "app")
    }

    /// Another run image of two layers.
    private static func base(
        _ root: TestRoot, _ name: String = "acme/run:2", family: MediaType.Family = .oci, isAsked: Bool = true,
        change: (inout ImageConfig) -> Void = { _ in }
    ) throws -> RebaseBase {
        let upper = try root.storeLayer([("etc/", ""), ("etc/next", "next\n")])
        let image = try root.runImage(family, change: change).appending([
            NewLayer(upper, history: History(created: "2026-01-01T00:00:00Z", createdBy: "upper"))
        ])
        return RebaseBase(image: image, name: try Reference(parsing: name), isAsked: isAsked)
    }

    private static func rebase(
        _ root: TestRoot, _ app: RebaseApp, _ base: RebaseBase, force: Bool = false, strict: Bool = false
    ) async throws -> (image: Image, told: [String]) {
        let told = EventRecorder()
        let image = try await RebasePhase(app: app, base: base, isForced: force, isStrict: strict, store: root.store, events: told.events)
            .run()
        return (image, told.notes + told.warnings.map { "Warning: " + $0 })
    }

    // F-9, F-12, F-13
    @Test func onAnotherBase() async throws {
        let root = try TestRoot()
        let app = try Self.app(root) { config, _ in config.variant = "v1" }
        let base = try Self.base(root) { config in
            config.osVersion = "10.0"
            config.settings.environment = ["OTHER=1"]
            config.settings.user = "root"
        }
        let (image, told) = try await Self.rebase(root, app, base)
        #expect(told.count == 1 && told[0].hasPrefix("'acme/run:2' is of the same repository as 'acme/run:1'"))
        #expect(image.manifest.layers == base.image.manifest.layers + app.image.manifest.layers.suffix(1))
        #expect(image.config.history.map(\.createdBy) == ["base", "upper", "Application Layer"])
        #expect(image.config.history.map(\.created) == ["1980-01-01T00:00:01Z", "1980-01-01T00:00:01Z", nil])
        #expect(image.config.variant == nil && image.config.osVersion == "10.0")
        #expect(image.config.settings.user == app.image.config.settings.user)
        #expect(image.config.settings.environment == app.image.config.settings.environment)
        // F-16
        let again = try await Self.rebase(root, try RebaseApp(image, name: "app"), base)
        #expect(again.image.digest == image.digest && again.told == [])
    }

    /// A history that does not fit says nothing of the app's layers; the base's is known all the same.
    @Test func aHistoryThatDoesNotFit() async throws {
        let root = try TestRoot()
        let app = try Self.app(root) { config, _ in config.history.removeLast() }
        let (image, _) = try await Self.rebase(root, app, try Self.base(root))
        #expect(image.config.history.map(\.createdBy) == ["base", "upper", nil])
    }

    // D-61: the app image stays in its family.
    @Test(arguments: MediaType.Family.allCases) func familiesMeet(family: MediaType.Family) async throws {
        let root = try TestRoot()
        let app = try Self.app(root, family: family)
        let base = try Self.base(root, family: family == .oci ? .docker : .oci)
        let (image, _) = try await Self.rebase(root, app, base)
        #expect(image.family == family && image.manifest.layers.allSatisfy { $0.mediaType.family == family })
        #expect(image.manifest.layers.map(\.digest).prefix(2) == base.image.manifest.layers.map(\.digest)[...])
    }

    // F-5, F-8
    @Test func whatForceHelpsAgainst() async throws {
        let root = try TestRoot()
        let stranger = try Self.base(root, "other/run")
        await #expect(throws: Fault.self) { try await Self.rebase(root, try Self.app(root), stranger) }
        let (image, told) = try await Self.rebase(root, try Self.app(root), stranger, force: true)
        #expect(told.map { $0.hasPrefix("Warning: new base image 'other/run' not found") } == [true])
        #expect(image.config.settings.labels[LabelName.lifecycleMetadata]?.contains(#""runImage":{"image":"other/run","reference"#) == true)
        // Stacks of old images.
        let old = try Self.app(root, api: nil)
        let fault = await #expect(throws: Fault.self) { try await Self.rebase(root, old, stranger, force: true) }
        #expect(fault?.exitCode == 72 && fault?.message.hasPrefix("incompatible stack: the app image has none") == true)
    }

    // F-8: the names that count.
    @Test(arguments: [
        ("acme/run:1", true, true), ("index.docker.io/acme/run:1", true, true), ("acme/run:2", true, false),
        ("ghcr.io/acme/run:9", true, false),
        ("ghcr.io/acme/run:1", true, true), ("acme/runner:1", false, false),
        ("acme/run@sha256:\(String(repeating: "0", count: 64))", true, false),
    ])
    func names(name: String, isAccepted: Bool, isToTheLetter: Bool) async throws {
        let root = try TestRoot()
        let app = try Self.app(root), base = try Self.base(root, name)
        let usual = try? await Self.rebase(root, app, base), strict = try? await Self.rebase(root, app, base, strict: true)
        #expect((usual != nil) == isAccepted)
        #expect((strict != nil) == isToTheLetter)
        // One that the label led to needs no name.
        _ = try await Self.rebase(root, app, try Self.base(root, name, isAsked: false), strict: true)
    }

    /// A digest is nothing to find updates under.
    @Test func aDigestIsNotRemembered() async throws {
        let root = try TestRoot()
        let pinned = "acme/run@sha256:\(String(repeating: "0", count: 64))"
        let (image, _) = try await Self.rebase(root, try Self.app(root), try Self.base(root, pinned))
        let label = image.config.settings.labels[LabelName.lifecycleMetadata] ?? ""
        #expect(label.contains(#""image":"acme/run:1","mirrors":["ghcr.io/acme/run:1"]"#), "\(label)")
    }

    @Test func imagesThatCannotBeRebased() throws {
        let root = try TestRoot()
        // F-4
        #expect(throws: Fault.self) { try RebaseApp(try root.runImage(), name: "base") }
        let lost = #expect(throws: Fault.self) { try Self.app(root) { _, metadata in metadata.runImage.topLayer = "sha256:none" } }
        #expect(lost?.message.contains("is none of its 2 layers") == true)
        // F-3
        let nameless = try Self.app(root) { _, metadata in metadata.runImage.image = RunImage(image: "") }
        #expect(throws: Fault.self) { try nameless.runImage() }
    }
}
