using Google.Protobuf;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Figures;
using Registry.Organisations;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Service;

/// <summary>Between a closing and what the tiers above are told of it: numbers only.</summary>
internal static class ClosingWire
{
    public const string ReportType = "platform.registry.v1.ClosingReport";

    /// <summary>Figures in one closing; a report must fit into a message.</summary>
    public const int FiguresMax = 2000;

    public static V1.ClosingReport ToWire(this Closing c) => new()
    {
        ClosingId = c.Id.ToString(),
        Region = c.Region,
        Path = c.Path,
        Name = c.Name,
        Month = CaseWire.Date(c.Month),
        Revision = c.Revision,
        Day = CaseWire.Date(c.Day),
        KnownAt = Micros(c.KnownAt),
        Opening = c.Opening,
        Increases = c.Increases,
        Decreases = c.Decreases,
        Headcount = c.Headcount,
        Figures = { c.Figures.ToDictionary() },
        Reason = c.Reason,
        ClosedBy = c.ClosedBy,
        ClosedAt = Micros(c.ClosedAt),
        PreviousHash = ByteString.CopyFrom(c.PreviousHash),
        Hash = ByteString.CopyFrom(c.Hash),
    };

    /// <exception cref="ProblemException">CLOSING_REPORT_BROKEN: a field is missing, or the hash is of other
    /// numbers.</exception>
    public static Closing ToClosing(this V1.ClosingReport r)
    {
        if (!Regions.IsCode(r.Region) || r.Path != Regions.PathOf(r.Region) || r.Name.Length > 100
            || r.Reason.Length > 200 || r.ClosedBy.Length > 100 || r.Figures.Count > FiguresMax || r.Revision < 1
            || r.Figures.Keys.Any(k => k.Length > 100)) throw Broken;
        var closing = new Closing
        {
            Id = Wire.Uuid(r.ClosingId, "closing_id"),
            Path = r.Path,
            Region = r.Region,
            Name = r.Name,
            Tier = Measures.TierOf(r.Path),
            Month = CaseWire.Date(r.Month, "month"),
            Revision = r.Revision,
            Day = CaseWire.Date(r.Day, "day"),
            KnownAt = Instant(r.KnownAt),
            Opening = r.Opening,
            Increases = r.Increases,
            Decreases = r.Decreases,
            Headcount = r.Headcount,
            Figures = r.Figures.ToDictionary(),
            Reason = r.Reason,
            ClosedBy = r.ClosedBy,
            ClosedAt = Instant(r.ClosedAt),
            Own = false,
            PreviousHash = r.PreviousHash.ToByteArray(),
            Hash = r.Hash.ToByteArray(),
        };
        return closing.Hash.AsSpan().SequenceEqual(ClosingHash.Of(closing)) ? closing : throw Broken;
    }

    private static long Micros(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / 10;

    private static DateTimeOffset Instant(long micros) =>
        micros is > 0 and < 7_258_118_400_000_000 ? DateTimeOffset.UnixEpoch.AddTicks(micros * 10) : throw Broken;

    private static ProblemException Broken => new(new(ProblemKind.Invalid, "CLOSING_REPORT_BROKEN",
        "A field of the closing is missing, or its hash is of other numbers.", "月报字段缺失，或校验值与数字不符。"));
}
