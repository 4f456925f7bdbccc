import CNBLaunch
import Testing

@Suite struct LaunchSettingsTests {
    // E-1
    @Test func defaults() throws {
        let settings = try settings(["/cnb/process/web", "a"])
        #expect(settings.layers == "/layers")
        #expect(settings.app == "/workspace")
        #expect(settings.executionEnvironment == "production")
        #expect(settings.caller.lastName == "web")
        #expect(settings.userArguments == ["a"])
        #expect(settings.warnings.isEmpty)
    }

    // E-1
    @Test(arguments: [nil, "", "x", "0.6", "0.16", "1.0", "0.15.1", "0.", "-1.0"])
    func platformAPIMustBeKnown(_ api: String?) {
        let environment = Environment(api.map { ["CNB_PLATFORM_API=\($0)"] } ?? [])
        let error = #expect(throws: LaunchError.self) { try LaunchSettings(arguments: ["launcher"], environment: environment) }
        #expect(error?.exitCode == 11)
    }

    // E-2
    @Test func processTypeVariableOnlyWarns() throws {
        let settings = try settings(["/cnb/lifecycle/launcher"], environment: ["CNB_PROCESS_TYPE=web"])
        #expect(settings.warnings.count == 2)
        #expect(settings.caller.lastName == "launcher")
    }
}

@Suite struct LaunchMetadataTests {
    // C-6, C-61
    @Test func reading() throws {
        let metadata = try LaunchMetadata(
            toml: Array(
                """
                buildpack-default-process-type = "web"
                [[processes]]
                  type = "web"
                  command = ["a", "b"]
                  args = ["c"]
                  direct = true
                  buildpack-id = "kit/x"
                  working-dir = "/tmp"
                  exec-env = ["test"]
                [[processes]]
                  type = "old"
                  command = "a b"
                  direct = false
                  buildpack-id = "kit/x"
                [[buildpacks]]
                  id = "kit/x"
                  version = "1"
                  api = "0.12"
                [[labels]]
                  key = "k"
                  value = "v"
                """.utf8))
        #expect(metadata.buildpacks == [LaunchBuildpack(id: "kit/x", api: LaunchAPI(0, 12))])
        #expect(metadata.buildpacks[0].directoryName == "kit_x")
        #expect(
            metadata.processes == [
                LaunchProcess(
                    type: "web", command: ["a", "b"], arguments: ["c"], isDirect: true, buildpackID: "kit/x", workingDirectory: "/tmp",
                    executionEnvironments: ["test"]),
                LaunchProcess(type: "old", command: ["a b"], buildpackID: "kit/x"),
            ])
    }

    @Test(arguments: [
        ("processes = []", 0), ("", 0), ("[[processes]]", 1), ("[[processes]]\ntype = 1", 1), ("[[processes]]\ntype='a'\ncommand = 3", 1),
        ("x =", 1), ("[[buildpacks]]\nid = 'a'\napi = '0.12'", 0), ("[[buildpacks]]\nid = 'a'\napi = '0.13'", 12),
        ("[[buildpacks]]\nid = 'a'\napi = '0.6'", 12), ("[[buildpacks]]\nid = 'a'", 12), ("[[buildpacks]]\napi = '0.12'", 1),
    ])
    func exitStatus(_ text: String, _ expected: Int32) {
        do throws(LaunchError) {
            _ = try LaunchMetadata(toml: Array(text.utf8))
            #expect(expected == 0)
        } catch {
            #expect(error.exitCode == expected)
        }
    }
}
