import TOML
import Testing

@Suite struct TOMLReaderTests {
    static let text = """
        api = "0.12"
        count = 3
        flag = true
        names = ["a", "b"]
        mixed = ["a", 1]
        unread = 1
        [free]
        a.b.c = 1
        [io.buildpacks]
        buidler = "x"
        builder = "y"
        [[items]]
        id = "one"
        [[items]]
        idd = "two"
        [whole.unread]
        x = 1
        """

    private func reader() throws -> TOMLReader { TOMLReader(try TOMLTable.parse(Self.text)) }

    @Test func typedAccess() throws {
        let reader = try reader()
        #expect(try reader.string("api") == "0.12")
        #expect(try reader.integer("count") == 3)
        #expect(try reader.boolean("flag") == true)
        #expect(try reader.strings("names") == ["a", "b"])
        #expect(try reader.array("mixed")?.count == 2)
        #expect(try reader.requiredString("api") == "0.12")
        #expect(try reader.tables("items")?.count == 2)
        #expect(try reader.table("io")?.table("buildpacks")?.string("builder") == "y")
        #expect(try reader.string("absent") == nil)
        #expect(try reader.table("absent") == nil)
        #expect(reader.has("free"))
        #expect(!reader.has("absent"))
    }

    @Test(arguments: [
        (1, "2:1: 'count' must be a string, found an integer"), (2, "1:1: 'api' must be an integer, found a string"),
        (3, "5:1: 'mixed' must be an array of strings, found an integer in it"), (4, "3:1: 'flag' must be a table, found a boolean"),
        (5, "4:1: 'names' must be an array of tables, found a string in it"), (6, "1:1: 'missing' is missing"),
        (7, "14:1: 'items.id' is missing"), (8, "10:1: 'io.buildpacks.buidler' must be a boolean, found a string"),
        (9, "9:5: \"odd key\" is odd"),
    ])
    func errors(_ number: Int, _ expected: String) throws {
        let reader = try reader()
        let error = #expect(throws: TOMLError.self) {
            switch number {
            case 1: _ = try reader.string("count")
            case 2: _ = try reader.integer("api")
            case 3: _ = try reader.strings("mixed")
            case 4: _ = try reader.table("flag")
            case 5: _ = try reader.tables("names")
            case 6: _ = try reader.requiredString("missing")
            case 7: _ = try reader.tables("items")?.last?.requiredString("id")
            case 8: _ = try reader.table("io")?.table("buildpacks")?.boolean("buidler")
            default: throw try #require(try reader.table("io")).error(at: "buildpacks", "\"odd key\" is odd")
            }
        }
        #expect(error?.description == expected)
    }

    @Test func unreadKeysInDocumentOrder() throws {
        let reader = try reader()
        for key in ["api", "count", "flag", "names", "mixed"] { _ = try reader.value(key) }
        for item in try reader.tables("items") ?? [] { _ = try item.string("id") }
        _ = try reader.table("io")?.table("buildpacks")?.string("builder")
        // The same reader comes again and remembers.
        _ = try reader.table("io")?.table("buildpacks")
        reader.ignore("free")
        let unread = reader.unreadKeys()
        #expect(unread.map { $0.path } == ["unread", "io.buildpacks.buidler", "items.idd", "whole"])
        #expect(unread[1].key == "buidler")
        #expect(unread[1].siblings == ["builder"])
        #expect(unread[1].position == TOMLPosition(line: 10, column: 1))
    }
}
