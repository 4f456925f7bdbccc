// swift-tools-version: 6.2
import PackageDescription

// Folders are modules; a module imports only what stands above it here. `Tests/StructureTests` checks that.

/// Settings of every Swift target. CI turns warnings into errors.
let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["CI"] == "true" ? [.treatAllWarnings(as: .error)] : [])

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let httpClient = [Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")] + nio
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
    name: "tote",
    products: [
        .executable(name: "tote", targets: ["tote"]),
        .executable(name: "launcher", targets: ["launcher"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        module("Diagnostics"),
        module("TOML"),
        module("CNBLaunch", ["TOML"]),
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        module("Archive", ["Diagnostics", "CLinux", "COpenSSL", "CDeflate", "CZlib", "CZstd"]),
        module("OCIImage", ["Diagnostics", "Archive"]),
        module("OCIRegistry", ["Diagnostics", "CLinux", "Archive", "OCIImage"] + httpClient),
        module("DockerEngine", ["Diagnostics", "Archive", "OCIImage"] + httpClient),
        module("CNBSpec", ["Diagnostics", "TOML", "CNBLaunch"]),
        module("Sandbox", ["Diagnostics", "CLinux", "Archive", "OCIImage"]),
        module("CNBLifecycle", ["Diagnostics", "TOML", "CNBLaunch", "Archive", "OCIImage", "CNBSpec"]),
        module(
            "CNBPlatform",
            [
                "Diagnostics", "TOML", "CNBLaunch", "CLinux", "Archive", "OCIImage", "OCIRegistry", "DockerEngine", "CNBSpec", "Sandbox",
                "CNBLifecycle",
                subprocess,
            ]),
        module(
            "ToteCommands",
            ["Diagnostics", "TOML", "Archive", "OCIImage", "CNBSpec", "Sandbox", "CNBLifecycle", "CNBPlatform", argumentParser]),
        .executableTarget(name: "tote", dependencies: ["ToteCommands"], swiftSettings: strict),
        .target(name: "CLauncher", cSettings: [.unsafeFlags(["-Os", "-g0"])]),
        .executableTarget(
            name: "launcher", dependencies: ["CLauncher"],
            swiftSettings: strict + [
                .enableExperimentalFeature("Embedded"),
                .unsafeFlags(["-wmo", "-Osize", "-gnone", "-Xfrontend", "-function-sections"]),
            ],
            linkerSettings: [
                .unsafeFlags([
                    "-Xclang-linker", "-static", "-Xclang-linker", "-Wno-unused-command-line-argument",
                    "-Xlinker", "--gc-sections", "-Xlinker", "-s", "-Xlinker", "--build-id=none",
                ]),
                .linkedLibrary("m"),
            ]),
        .target(
            name: "TestSupport", dependencies: ["Diagnostics", "CLinux", "Archive", "OCIImage"] + nio, path: "Tests/Support",
            swiftSettings: strict),
        tests("StructureTests", []),
        tests("TOMLTests", ["TOML"]),
        tests("CNBLaunchTests", ["TOML", "CNBLaunch"]),
        tests("LauncherTests", []),
        tests("ArchiveTests", ["Diagnostics", "Archive", "CZstd", "TestSupport"]),
        tests("OCIImageTests", ["Diagnostics", "Archive", "OCIImage", "TestSupport"]),
        tests("OCIRegistryTests", ["Diagnostics", "Archive", "OCIImage", "OCIRegistry", "TestSupport"] + httpClient),
        tests("DockerEngineTests", ["Diagnostics", "Archive", "OCIImage", "DockerEngine", "TestSupport"] + httpClient),
        tests("CNBSpecTests", ["Diagnostics", "TOML", "CNBLaunch", "CNBSpec"]),
        .executableTarget(
            name: "layer-bench", dependencies: ["Diagnostics", "Archive"], path: "Benchmarks/LayerBench", swiftSettings: strict),
        .executableTarget(
            name: "sandbox-probe", dependencies: ["Diagnostics", "Archive", "Sandbox"], path: "Tests/SandboxProbe", swiftSettings: strict),
        tests("SandboxTests", ["Diagnostics", "Archive", "OCIImage", "Sandbox", "sandbox-probe"]),
        tests("EndToEndTests", ["Diagnostics", "Archive", "OCIImage", "TestSupport", "tote"]),
        tests("ExampleTests", ["TOML", "Archive", "OCIImage", "CNBSpec", "TestSupport", "tote"]),
        tests("DiagnosticsTests", ["Diagnostics"]),
        tests("CNBLifecycleTests", ["Diagnostics", "TOML", "CNBLaunch", "Archive", "OCIImage", "CNBSpec", "CNBLifecycle", "TestSupport"]),
        tests(
            "ToteCommandsTests",
            ["Diagnostics", "Archive", "OCIImage", "CNBSpec", "CNBLifecycle", "CNBPlatform", "ToteCommands", argumentParser]),
        tests(
            "CNBPlatformTests",
            ["Diagnostics", "TOML", "CNBLaunch", "Archive", "OCIImage", "CNBSpec", "CNBLifecycle", "Sandbox", "CNBPlatform", "TestSupport"]),
    ]
)
