/// One line of how an image came to be.
package struct History: Equatable, Sendable {
    /// RFC 3339.
    package var created: String?
    package var createdBy: String?
    package var author: String?
    package var comment: String?
    /// Whether the step made no layer.
    package var isEmptyLayer: Bool

    package init(
        created: String? = nil, createdBy: String? = nil, author: String? = nil, comment: String? = nil, isEmptyLayer: Bool = false
    ) {
        self.created = created
        self.createdBy = createdBy
        self.author = author
        self.comment = comment
        self.isEmptyLayer = isEmptyLayer
    }
}

extension History: Codable {
    enum CodingKeys: String, CodingKey {
        case created, author, comment
        case createdBy = "created_by"
        case isEmptyLayer = "empty_layer"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        created = try container.nonEmptyString(.created)
        createdBy = try container.nonEmptyString(.createdBy)
        author = try container.nonEmptyString(.author)
        comment = try container.nonEmptyString(.comment)
        isEmptyLayer = try container.decodeIfPresent(Bool.self, forKey: .isEmptyLayer) ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfNotEmpty(created, .created)
        try container.encodeIfNotEmpty(createdBy, .createdBy)
        try container.encodeIfNotEmpty(author, .author)
        try container.encodeIfNotEmpty(comment, .comment)
        if isEmptyLayer { try container.encode(true, forKey: .isEmptyLayer) }
    }
}
