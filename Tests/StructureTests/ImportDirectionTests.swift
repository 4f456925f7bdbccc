import FoundationEssentials
import Testing

/// The architecture page is true: a module imports only what stands above it, and the page lists the modules in that order.
struct ImportDirectionTests {
    static let order = [
        "Diagnostics", "TOML", "CNBLaunch", "Archive", "OCIImage", "OCIRegistry", "DockerEngine", "CNBSpec", "Sandbox", "CNBLifecycle",
        "CNBPlatform",
        "ToteCommands", "tote",
    ]
    /// What a module must not know although it stands above it.
    static let forbidden: [String: Set<String>] = [
        "TOML": ["Diagnostics"],
        "CNBLaunch": ["Diagnostics"],
        "Archive": ["TOML", "CNBLaunch"],
        "OCIImage": ["TOML", "CNBLaunch"],
        "OCIRegistry": ["TOML", "CNBLaunch"],
        "DockerEngine": ["TOML", "CNBLaunch", "OCIRegistry"],
        "CNBSpec": ["Archive", "OCIImage", "OCIRegistry", "DockerEngine"],
        "Sandbox": ["TOML", "CNBLaunch", "CNBSpec", "OCIRegistry", "DockerEngine"],
        "CNBLifecycle": ["OCIRegistry", "DockerEngine", "Sandbox"],
    ]

    static let root = {
        let components = #filePath.split(separator: "/").dropLast(3)
        return "/" + components.joined(separator: "/")
    }()

    @Test(arguments: order)
    func importsOnlyWhatStandsAbove(module: String) throws {
        let position = try #require(Self.order.firstIndex(of: module))
        let allowed = Set(Self.order[..<position]).subtracting(Self.forbidden[module] ?? [])
        let files = try swiftFiles(below: Self.root + "/Sources/" + module)
        #expect(!files.isEmpty)
        for file in files {
            for imported in try imports(of: file) where Self.order.contains(imported) {
                #expect(allowed.contains(imported), "\(file) imports \(imported)")
            }
        }
    }

    @Test func everyFolderOfSourcesIsKnown() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root + "/Sources").filter { !$0.hasPrefix(".") }
        let unknown = Set(folders).subtracting(Self.order).filter { !$0.hasPrefix("C") && $0 != "launcher" }
        #expect(unknown.isEmpty)
    }

    @Test func theArchitecturePageListsTheModulesInOrder() throws {
        let page = try #require(String(data: Data(contentsOf: URL(filePath: Self.root + "/docs/architecture.md")), encoding: .utf8))
        var rest = page[...]
        for module in Self.order.dropLast() {
            let row = try #require(rest.firstRange(of: "| `\(module)` |"), "no row for \(module) below the rows before it")
            rest = rest[row.upperBound...]
        }
    }

    @Test func noSourceFileIsTooLong() throws {
        for file in try swiftFiles(below: Self.root + "/Sources") {
            let text = try #require(String(data: Data(contentsOf: URL(filePath: file)), encoding: .utf8))
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 500, "\(file)")
        }
    }

    private func swiftFiles(below folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }.map { folder + "/" + $0 }
    }

    private func imports(of file: String) throws -> [String] {
        let text = try #require(String(data: Data(contentsOf: URL(filePath: file)), encoding: .utf8))
        return text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")[...]
            while let first = words.first, ["package", "public", "internal", "private", "@_exported"].contains(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { return nil }
            return String(words[words.startIndex + (["struct", "enum", "func", "class"].contains(words[words.startIndex + 1]) ? 2 : 1)])
        }
    }
}
