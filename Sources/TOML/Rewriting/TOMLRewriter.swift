/// Changes the text of a document so that it says something else.
///
/// What did not change stays as it is written, with its comments, order and spacing: keys before the first header, keys of `[table]`, and
/// `[[tables]]` that are added, removed or changed. A change anywhere else, in an inline table for example, makes the whole text be written
/// anew, without comments.
package struct TOMLRewriter {
    private let bytes: [UInt8]
    private let old: TOMLTable
    private let outline: TOMLOutline
    private var edits: [(range: Range<Int>, text: String)] = []
    /// Headers for the end of the document.
    private var appended = ""

    /// The text that says `new`, from one that says something else. Fails when `bytes` is no valid document.
    package static func rewrite(_ bytes: [UInt8], as new: TOMLTable) throws(TOMLError) -> [UInt8] {
        var rewriter = TOMLRewriter(bytes, try TOMLTable.parse(bytes), try TOMLOutline(bytes))
        rewriter.change(to: new)
        let edited = rewriter.edited
        // The one thing that counts is what the text says.
        if let check = try? TOMLTable.parse(edited), check == new { return edited }
        return Array(new.serialized().utf8)
    }

    private init(_ bytes: [UInt8], _ old: TOMLTable, _ outline: TOMLOutline) {
        self.bytes = bytes
        self.old = old
        self.outline = outline
    }

    private mutating func change(to new: TOMLTable) {
        change(outline.sections[0], from: old, to: new)
        for key in (old.keys + new.keys.filter { old[$0] == nil }) where old[key] != new[key] {
            let own = outline.sections.filter { $0.path == [key] }
            switch (old[key], new[key]) {
            case (.table(let before)?, .table(let after)?) where own.count == 1:
                change(own[0], from: before, to: after)
            case (.array(let before)?, .array(let after)?) where own.count == before.count:
                change(own, from: before, to: after)
            case (_?, nil):
                for section in own { edits.append((section.range, "")) }
            case (nil, let value?) where TOMLWriter.hasHeader(value):
                append(key, value)
            default: break
            }
        }
    }

    /// The keys of one section.
    private mutating func change(_ section: TOMLOutline.Section, from old: TOMLTable, to new: TOMLTable) {
        for entry in section.entries where entry.keys.count == 1 {
            let key = entry.keys[0]
            guard let value = new[key] else {
                edits.append((entry.lines, ""))
                continue
            }
            if value != old[key] { edits.append((entry.value, Self.text(of: value))) }
        }
        let added = new.keys.filter { old[$0] == nil }.compactMap { key -> String? in
            guard let value = new[key], !TOMLWriter.hasHeader(value) else { return nil }
            return "\(TOMLWriter.keyText(key)) = \(Self.text(of: value))\n"
        }
        guard !added.isEmpty else { return }
        let last = section.entries.last
        let indent = last.map { String(decoding: bytes[$0.indent], as: UTF8.self) } ?? ""
        var text = added.map { indent + $0 }.joined()
        let place = last?.lines.upperBound ?? (section.path.isEmpty ? section.range.upperBound : endOfHeader(section))
        if place > 0, bytes[place - 1] != .newline { text = "\n" + text }
        if last == nil, section.path.isEmpty, place < bytes.count { text += "\n" }
        edits.append((place..<place, text))
    }

    /// The elements of an array of tables: one taken out, some added at the end, or keys changed.
    private mutating func change(_ sections: [TOMLOutline.Section], from old: [TOMLValue], to new: [TOMLValue]) {
        if new.count < old.count {
            var rest = new[...]
            for (section, element) in zip(sections, old) {
                if rest.first == element { rest.removeFirst() } else { edits.append((section.range, "")) }
            }
            return
        }
        for (section, (before, after)) in zip(sections, zip(old, new)) {
            if case .table(let before) = before, case .table(let after) = after { change(section, from: before, to: after) }
        }
        if new.count > old.count, let key = sections.first?.path.first { append(key, .array(Array(new[old.count...]))) }
    }

    private mutating func append(_ key: String, _ value: TOMLValue) {
        appended += (appended.isEmpty ? "" : "\n") + TOMLTable([(key, value)]).serialized()
    }

    private var edited: [UInt8] {
        var result = bytes
        for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            result.replaceSubrange(edit.range, with: edit.text.utf8)
        }
        // The empty line above a section that went, or that comes.
        let endsWithSection = edits.contains { $0.text.isEmpty && $0.range.upperBound == bytes.count }
        if endsWithSection || !appended.isEmpty {
            while result.count > 1, result.suffix(2) == [.newline, .newline] { result.removeLast() }
        }
        guard !appended.isEmpty else { return result }
        if let last = result.last {
            if last != .newline { result.append(.newline) }
            result.append(.newline)
        }
        return result + appended.utf8
    }

    private func endOfHeader(_ section: TOMLOutline.Section) -> Int {
        var place = section.range.lowerBound, isHeader = false
        // Comments above the header come first.
        while place < section.range.upperBound {
            let end = bytes[place...].firstIndex(of: .newline).map { $0 + 1 } ?? bytes.count
            isHeader = bytes[place..<end].first { $0 != .space && $0 != .tab } == UInt8(ascii: "[")
            place = end
            if isHeader { break }
        }
        return place
    }

    private static func text(of value: TOMLValue) -> String {
        var writer = TOMLWriter(jsonPaths: [])
        writer.write(inline: value, quoting: .toml)
        return writer.text
    }
}
