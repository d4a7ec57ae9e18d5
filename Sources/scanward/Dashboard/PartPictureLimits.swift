/// How much is kept of judged parts, to be looked at.
struct PartPictureLimits: Sendable {
    /// The newest parts that are not ok, and those that are; of others there is nothing to see.
    var failed = 500, ok = 100
    /// Bytes of both together, and of the templates beside them.
    var bytes = 1 << 30
    /// Below so many free bytes nothing is kept: the disk belongs to the journal.
    var minimumFreeBytes: UInt64 = 128 << 20
    /// Between two parts that are ok: all look alike, and a fast line has many.
    var okInterval = Duration.seconds(1)
    /// Parts that wait to be written; further ones are dropped, and counted.
    var queue = 16
    /// Bytes of their maps.
    var queueBytes = 256 << 20
    /// Templates kept of models that are not in use any more, and of which no part is kept.
    var templates = 32
}
