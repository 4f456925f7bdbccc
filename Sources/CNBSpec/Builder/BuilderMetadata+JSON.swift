extension BuilderMetadata: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init()
        description = try fields.string("description") ?? ""
        buildpacks = try fields.array("buildpacks").map(BuilderModule.init(json:))
        extensions = try fields.array("extensions").map(BuilderModule.init(json:))
        runImages = try fields.array("images").map(RunImage.init(json:))
        stackRunImage = try fields.object("stack")["runImage"].map(RunImage.init(json:)) ?? stackRunImage
        if let lifecycle = fields.value("lifecycle") {
            var nested = try JSONFields(lifecycle)
            lifecycleVersion = try nested.string("version") ?? ""
            if let api = nested.value("api") {
                var legacy = try JSONFields(api)
                oldestBuildpackAPI = try legacy.string("buildpack") ?? ""
                oldestPlatformAPI = try legacy.string("platform") ?? ""
            }
            apis = try nested.value("apis").map(LifecycleAPIs.init(json:)) ?? apis
        }
        if let creator = fields.value("createdBy") {
            var nested = try JSONFields(creator)
            creatorName = try nested.string("name") ?? ""
            creatorVersion = try nested.string("version") ?? ""
        }
        unknown = fields.rest
    }

    package var json: JSONValue {
        var fields = unknown
        fields["description"] = .string(description)
        fields["buildpacks"] = .array(buildpacks.map(\.json))
        fields["extensions"] = .array(extensions.map(\.json))
        fields["stack"] = .object(["runImage": stackRunImage.json])
        fields["lifecycle"] = .object([
            "version": .string(lifecycleVersion),
            "api": .object(["buildpack": .string(oldestBuildpackAPI), "platform": .string(oldestPlatformAPI)]),
            "apis": apis.json,
        ])
        fields["createdBy"] = .object(["name": .string(creatorName), "version": .string(creatorVersion)])
        fields["images"] = .array(runImages.map(\.json))
        return .object(fields)
    }
}

extension BuilderModule: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            id: try fields.string("id") ?? "", version: try fields.string("version") ?? "", homepage: try fields.string("homepage"),
            name: try fields.string("name"))
    }

    package var json: JSONValue {
        var fields: [String: JSONValue] = ["id": .string(id), "version": .string(version)]
        fields["homepage"] = homepage.map(JSONValue.string)
        fields["name"] = name.map(JSONValue.string)
        return .object(fields)
    }
}

extension LifecycleAPIs: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            buildpack: try fields.value("buildpack").map(APISupport.init(json:)) ?? APISupport(),
            platform: try fields.value("platform").map(APISupport.init(json:)) ?? APISupport())
    }

    package var json: JSONValue { .object(["buildpack": buildpack.json, "platform": platform.json]) }
}

extension APISupport: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(deprecated: try fields.strings("deprecated"), supported: try fields.strings("supported"))
    }

    package var json: JSONValue {
        .object(["deprecated": .array(deprecated.map(JSONValue.string)), "supported": .array(supported.map(JSONValue.string))])
    }
}
