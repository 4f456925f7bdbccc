/// Text from images, buildpacks and files on its way to a terminal.
enum DisplayText {
    /// Without control characters, which a terminal might obey; tabs stay. Colours stay where a buildpack may use them.
    static func clean(_ text: String, keepingColours: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var shown = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\u{1b}", keepingColours, let colour = selectGraphicRendition(rest) {
                shown.append(scalar)
                shown.append(contentsOf: colour)
                rest = rest.dropFirst(colour.count)
            } else {
                shown.append(isControl(scalar) ? "?" : scalar)
            }
        }
        return String(shown)
    }

    /// C0 but the tab, DEL, and C1, which some terminals obey as well.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 && scalar != "\t" || (0x7f...0x9f).contains(scalar.value)
    }

    /// `[1;31m` behind an escape: colours and the like, nothing that moves the cursor.
    private static func selectGraphicRendition(_ rest: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView? {
        guard rest.first == "[", let end = rest.dropFirst().firstIndex(where: { !("0"..."9").contains($0) && $0 != ";" }), rest[end] == "m"
        else {
            return nil
        }
        return rest[...end]
    }

    /// As much of `text` as `columns` hold.
    static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        var shown = "", used = 0
        for character in text {
            used += width(of: character)
            guard used < columns else { break }
            shown.append(character)
        }
        return columns > 0 ? shown + "…" : ""
    }

    /// Terminal cells: wide East Asian characters and most emoji take two, combining marks none.
    static func width(_ text: some Sequence<Character>) -> Int {
        text.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
            0x1f1e6...0x1f1ff, 0x1f300...0x1f6ff, 0x1f900...0x1faff, 0x20000...0x3fffd:
            return 2
        default:
            if scalar.properties.isEmojiPresentation { return 2 }
            return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}
